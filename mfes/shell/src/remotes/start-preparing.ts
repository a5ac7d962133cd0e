import { whenIdle } from '../live/when-idle.ts';

/** Prepares pages that may be opened next, once this one has what it needs for itself. Not in development. */
export const startPreparing = (): (() => void) => {
  if (!import.meta.env.PROD) return () => {};
  let stop: (() => void) | undefined;
  let isStopped = false;
  whenIdle(() => {
    import('./prepare.ts')
      .then(({ subscribePreparing }) => {
        if (!isStopped) stop = subscribePreparing();
      })
      // Then they are loaded when they are opened.
      .catch(() => {});
  });
  return () => {
    isStopped = true;
    stop?.();
  };
};
