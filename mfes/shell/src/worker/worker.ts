/**
 * The service worker, `/sw.js`: the shell and the remotes' files without the network. It answers for pages,
 * scripts, stylesheets, typefaces and the list of remotes; all other requests, those of the API among them,
 * pass as if it were not there.
 */
import { PrecacheController } from 'workbox-precaching/PrecacheController.js';
import { registerRoute } from 'workbox-routing/registerRoute.js';
import { CacheFirst } from 'workbox-strategies/CacheFirst.js';
import { NetworkFirst } from 'workbox-strategies/NetworkFirst.js';
import type { Manifest } from '../../../../shared/client/remote-files.ts';
import { isPagePath } from '../../../../shared/contracts/pages.ts';
import { shellCacheOf, type LoadedFile, type WorkerMessage } from './messages.ts';
import { scope, type PageEvent } from './scope.ts';
import {
  FILES_CACHE,
  deleteOldFiles,
  deleteOldShells,
  fromAnyCache,
  noPage,
  onlyStorable,
} from './stored.ts';

/** Put in by the build (mfes/worker.ts): the page, whose revision is the build, and the shell's files. */
declare const self: { __WB_MANIFEST: { url: string; revision: string | null; integrity: string }[] };

const PAGE = '/';
const MANIFEST = '/mfes/manifest.json';
/** After this time without an answer a page starts from the cache. */
const NETWORK_LIMIT_S = 2;

const entries = self.__WB_MANIFEST;
const build = entries.find(({ url }) => url === PAGE)?.revision ?? '';
const cacheName = shellCacheOf(build);

const shell = new PrecacheController({ cacheName, plugins: [onlyStorable] });
shell.addToCacheList(entries);

const files = new CacheFirst({ cacheName: FILES_CACHE, plugins: [onlyStorable, noPage, fromAnyCache] });
/** For who asks past the caches, because a file was broken. */
const freshFiles = new NetworkFirst({
  cacheName: FILES_CACHE,
  plugins: [onlyStorable, noPage, fromAnyCache],
});

/** The list of another build is passed on, never stored: this build would start with that one's remotes. */
const manifest = new NetworkFirst({
  cacheName,
  networkTimeoutSeconds: NETWORK_LIMIT_S,
  plugins: [
    {
      cacheWillUpdate: async (options) => {
        const response = (await onlyStorable.cacheWillUpdate?.(options)) ?? null;
        const { build: given } = ((await response?.clone().json()) ?? {}) as Pick<Manifest, 'build'>;
        return given === build ? response : null;
      },
    },
  ],
});

/** The page from the network; that of this build when there is none, or no server behind it. */
const answerPage = async (request: Request, event: PageEvent): Promise<Response> => {
  const fromNetwork = (async () => (await event.preloadResponse) ?? (await fetch(request)))();
  event.waitUntil(fromNetwork.catch(() => {}));
  const own = await shell.matchPrecache(PAGE);
  if (own === undefined) return fromNetwork;
  const late = new Promise<undefined>((resolve) =>
    setTimeout(() => resolve(undefined), NETWORK_LIMIT_S * 1_000),
  );
  const response = await Promise.race([fromNetwork.catch(() => undefined), late]);
  return response === undefined || response.status >= 500 ? own : response;
};

/**
 * Whether a URL names one content forever: by a hash in its name or folder, or because the request brings the
 * hash.
 */
const isOneContent = ({ pathname, searchParams }: URL, integrity: string): boolean =>
  /^\/(?:assets|mfes)\//.test(pathname) &&
  (/[.-][\w-]{8,}\.\w+$|\/[0-9a-f]{12}\//.test(pathname) || (searchParams.has('v') && integrity !== ''));

registerRoute(
  ({ url, request, sameOrigin }) => sameOrigin && request.mode === 'navigate' && isPagePath(url.pathname),
  ({ request, event }) => answerPage(request, event),
);
registerRoute(({ url, sameOrigin }) => sameOrigin && url.pathname === MANIFEST, manifest);
registerRoute(
  ({ url, request, sameOrigin }) => sameOrigin && isOneContent(url, request.integrity),
  (given) => (given.request.cache === 'reload' ? freshFiles : files).handle(given),
);

/** Stores what a page had loaded before the worker was there. */
const keep = async (loaded: LoadedFile[], event: PageEvent): Promise<void> => {
  for (const { href, integrity } of loaded) {
    const url = new URL(href);
    if (url.origin !== location.origin || !isOneContent(url, integrity)) continue;
    const request = new Request(href, { integrity });
    await Promise.allSettled(files.handleAll({ request, event }));
  }
  await deleteOldFiles();
};

const takeOver = async (onlyIfAlone: boolean): Promise<void> => {
  if (onlyIfAlone) {
    const tabs = await scope.clients.matchAll({ type: 'window', includeUncontrolled: true });
    if (tabs.length > 1) return;
  }
  await scope.skipWaiting();
};

scope.addEventListener('install', (event) => {
  const readManifest = async () => {
    const request = new Request(MANIFEST, { cache: 'no-cache' });
    await Promise.allSettled(manifest.handleAll({ request, event }));
  };
  event.waitUntil(shell.install(event).then(readManifest));
});

scope.addEventListener('activate', (event) => {
  const start = async () => {
    // The page is on its way while the worker starts.
    await scope.registration.navigationPreload?.enable();
    await scope.clients.claim();
    await deleteOldShells(build);
    await deleteOldFiles();
  };
  event.waitUntil(start());
});

scope.addEventListener('message', (event) => {
  const message = event.data as WorkerMessage;
  if (message.kind === 'whichBuild') event.ports[0]?.postMessage(build);
  if (message.kind === 'takeOver') event.waitUntil(takeOver(message.onlyIfAlone));
  if (message.kind === 'keep') event.waitUntil(keep(message.files, event));
});
