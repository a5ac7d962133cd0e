import { whenIdle } from '../live/when-idle.ts';
import type UpdateNotice from './UpdateNotice.svelte';

/** The notice of a new version, once there is one, and what its button does. */
export const update = $state<{ Notice: typeof UpdateNotice | null; reload(): void }>({
  Notice: null,
  reload: () => {},
});

const show = async (reload: () => void): Promise<void> => {
  const { default: Notice } = await import('./UpdateNotice.svelte');
  update.reload = reload;
  update.Notice = Notice;
};

/**
 * Registers the service worker when the page has been painted and the browser is idle, and shows when there
 * is a new version. In development there is no worker.
 */
export const subscribeUpdates = (): (() => void) => {
  if (!import.meta.env.PROD) return () => {};
  let stop = (): void => {};
  let isStopped = false;
  const start = (): void =>
    whenIdle(() => {
      import('./follow-worker.ts')
        .then(({ followWorker }) => {
          if (!isStopped) stop = followWorker((reload) => void show(reload).catch(() => {}));
        })
        // A page without a worker works as any other.
        .catch(() => {});
    });
  if (document.readyState === 'complete') start();
  else addEventListener('load', start, { once: true });
  return () => {
    isStopped = true;
    removeEventListener('load', start);
    stop();
  };
};
