import type { WorkboxPlugin } from 'workbox-core/types.js';
import { shellCacheOf } from './messages.ts';

/** Files of the remotes that were opened, and of other builds of the shell. */
export const FILES_CACHE = 'payloom-files';
const FILES_KEPT = 300;
const SHELLS = shellCacheOf('');

/**
 * Whether an answer may be stored: ours, complete, and nobody's private one. Workbox itself also stores
 * `no-store`, `private` and opaque answers.
 */
const isStorable = ({ status, type, headers }: Response): boolean =>
  status === 200 && type === 'basic' && !/no-store|private/i.test(headers.get('Cache-Control') ?? '');

export const onlyStorable: WorkboxPlugin = {
  cacheWillUpdate: ({ response }) => Promise.resolve(isStorable(response) ? response : null),
};

/** A page that some server between sends in the place of a script would stay forever. */
export const noPage: WorkboxPlugin = {
  cacheWillUpdate: ({ response }) =>
    Promise.resolve(/html/i.test(response.headers.get('Content-Type') ?? '') ? null : response),
};

/** A name with the hash of its content is the same file wherever it is stored. */
export const fromAnyCache: WorkboxPlugin = {
  cachedResponseWillBeUsed: async ({ cachedResponse, request }) =>
    cachedResponse ?? (await caches.match(request, { ignoreVary: true })),
};

/** Deletes the files that were stored first, beyond a number that covers several builds of all remotes. */
export const deleteOldFiles = async (): Promise<void> => {
  const cache = await caches.open(FILES_CACHE);
  const stored = await cache.keys();
  const old = stored.slice(0, Math.max(0, stored.length - FILES_KEPT));
  await Promise.all(old.map((request) => cache.delete(request)));
};

/** Deletes the shells of other builds but the last one: tabs may still show that. */
export const deleteOldShells = async (build: string): Promise<void> => {
  const others = (await caches.keys()).filter(
    (name) => name.startsWith(SHELLS) && name !== shellCacheOf(build),
  );
  await Promise.all(others.slice(0, -1).map((name) => caches.delete(name)));
};
