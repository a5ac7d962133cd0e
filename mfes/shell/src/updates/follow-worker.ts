import { readManifest } from '../../../../shared/client/remote-files.ts';
import { leaveGuard } from '../routing/leaving.svelte.ts';
import { pathChanged } from '../routing/router.svelte.ts';
import type { LoadedFile, WorkerMessage } from '../worker/messages.ts';
import { registerWorker } from './worker-script.ts';

const HOUR_MS = 3_600_000;
/** Returning to the tab and navigating ask no more often than that. */
const ASK_AT_MOST_EVERY_MS = 60_000;
const ANSWER_LIMIT_MS = 1_000;
const ACTIVATION_LIMIT_MS = 3_000;

const ownBuild = document.documentElement.dataset['build'];

const say = (worker: ServiceWorker, message: WorkerMessage, ports: MessagePort[] = []): void =>
  worker.postMessage(message, ports);

/** The build that a worker brings; null when it does not answer, as the one that ends all workers. */
const buildOf = (worker: ServiceWorker): Promise<string | null> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }: MessageEvent<string>) => {
      port1.close();
      resolve(data);
    };
    setTimeout(() => resolve(null), ANSWER_LIMIT_MS);
    say(worker, { kind: 'whichBuild' }, [port2]);
  });

/** The files that this page has loaded, for a worker that was not there yet. */
const loadedFiles = (): LoadedFile[] => {
  const links = document.querySelectorAll<HTMLLinkElement>('link[integrity]');
  const integrities = new Map([...links].map(({ href, integrity }) => [href, integrity]));
  const names = performance.getEntriesByType('resource').map(({ name }) => name);
  return [...new Set([...names, ...integrities.keys()])]
    .filter((name) => name.startsWith(`${location.origin}/`))
    .map((href) => ({ href, integrity: integrities.get(href) ?? '' }));
};

/** Whether the worker takes over in time: it cannot while the one before it has requests to answer. */
const isActivated = (worker: ServiceWorker): Promise<boolean> =>
  new Promise((resolve) => {
    worker.addEventListener('statechange', () => worker.state === 'activated' && resolve(true));
    setTimeout(() => resolve(false), ACTIVATION_LIMIT_MS);
  });

/** Lets the waiting worker take over. Where it does not, the next page starts without one. */
const replaceWorker = async (registration: ServiceWorkerRegistration): Promise<void> => {
  const { waiting } = registration;
  if (waiting === null) return;
  const activated = isActivated(waiting);
  say(waiting, { kind: 'takeOver', onlyIfAlone: false });
  // Chromium may leave a page that is loaded meanwhile without an answer.
  if (!(await activated)) await registration.unregister();
};

/** Loads the page again with the new version, unless the user stays for what is unsaved. */
const reloadWith = async (registration: ServiceWorkerRegistration): Promise<void> => {
  await leaveGuard.leave(() => {
    // Agreed already: the browser need not ask again.
    leaveGuard.clear();
    void replaceWorker(registration).then(() => location.reload());
  });
};

type Announce = (reload: () => void) => void;

/** Announces a newer build than this tab's, once it is ready. */
const compare = async (registration: ServiceWorkerRegistration, announce: Announce): Promise<void> => {
  const newest = registration.waiting ?? registration.active;
  if (newest === null) return;
  const build = await buildOf(newest);
  if (build === null) return;
  if (build === ownBuild) {
    if (newest === registration.waiting) say(newest, { kind: 'takeOver', onlyIfAlone: true });
    return;
  }
  // A page from the network may be newer than the worker.
  const deployed = await readManifest({ cache: 'no-cache' });
  if (build === deployed.build) announce(() => void reloadWith(registration));
};

/** Calls `use` when the tab is shown, a page is opened, and each hour; returns the function that stops it. */
const onOccasion = (use: () => void): (() => void) => {
  const shown = (): void => {
    if (document.visibilityState === 'visible') use();
  };
  const timer = setInterval(use, HOUR_MS);
  const unsubscribe = pathChanged.on(use);
  document.addEventListener('visibilitychange', shown);
  addEventListener('focus', use);
  return () => {
    clearInterval(timer);
    unsubscribe();
    document.removeEventListener('visibilitychange', shown);
    removeEventListener('focus', use);
  };
};

const follow = (registration: ServiceWorkerRegistration, announce: Announce): (() => void) => {
  const look = (): void => void compare(registration, announce).catch(() => {});
  const found = (): void => {
    const { installing } = registration;
    installing?.addEventListener('statechange', () => installing.state === 'installed' && look());
  };
  let askedMs = performance.now();
  const ask = (): void => {
    if (!navigator.onLine || performance.now() - askedMs < ASK_AT_MOST_EVERY_MS) return;
    askedMs = performance.now();
    registration.update().then(look, () => {});
  };
  const stopAsking = onOccasion(ask);
  registration.addEventListener('updatefound', found);
  navigator.serviceWorker.addEventListener('controllerchange', look);
  found();
  look();
  return () => {
    stopAsking();
    registration.removeEventListener('updatefound', found);
    navigator.serviceWorker.removeEventListener('controllerchange', look);
  };
};

/**
 * Registers the worker and calls `announce` when a newer build than this tab's is ready, with what loads it;
 * returns the function that stops it.
 */
export const followWorker = (announce: Announce): (() => void) => {
  let stop = (): void => {};
  let isStopped = false;
  const start = async (): Promise<void> => {
    const registration = await registerWorker();
    if (registration === undefined || isStopped) return;
    stop = follow(registration, announce);
    if (navigator.serviceWorker.controller !== null) return;
    const { active } = await navigator.serviceWorker.ready;
    if (active) say(active, { kind: 'keep', files: loadedFiles() });
  };
  void start();
  return () => {
    isStopped = true;
    stop();
  };
};
