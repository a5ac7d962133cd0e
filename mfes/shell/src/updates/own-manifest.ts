import type { Manifest } from '../../../../shared/client/remote-files.ts';
import { shellCacheOf } from '../worker/messages.ts';

/**
 * The list of remotes of this page's build: the given one, or where that belongs to another build the one
 * that the worker has stored. Without that the given one counts.
 */
export const ownManifest = async (read: Manifest): Promise<Manifest> => {
  const { build } = document.documentElement.dataset;
  if (build === undefined || read.build === build || !('caches' in globalThis)) return read;
  try {
    const cacheName = shellCacheOf(build);
    const stored = await caches.match('/mfes/manifest.json', { cacheName, ignoreVary: true });
    return stored === undefined ? read : ((await stored.json()) as Manifest);
  } catch {
    return read;
  }
};
