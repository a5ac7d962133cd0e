import { UnreachableError } from './problem.ts';

/** A file as deployed, with its hash (subresource integrity). */
export type RemoteFile = { href: string; integrity: string };

/** One remote in `/mfes/manifest.json`: its entry, and all that its first page needs. */
export type RemoteFiles = {
  version: string;
  entry: string;
  integrity: string;
  modules: RemoteFile[];
  styles: RemoteFile[];
};

/** `build` names the page's build that the remotes belong to. */
export type Manifest = { build?: string; remotes: Record<string, RemoteFiles> };

/**
 * Reads the list of remotes as deployed.
 * @throws UnreachableError when it does not arrive
 */
export const readManifest = async (init: RequestInit): Promise<Manifest> => {
  let text: string;
  try {
    const response = await fetch('/mfes/manifest.json', init);
    if (!response.ok) throw new UnreachableError(`the list of remotes answered ${response.status}`);
    text = await response.text();
  } catch (cause) {
    throw new UnreachableError('the list of remotes did not arrive', { cause });
  }
  return JSON.parse(text) as Manifest;
};
