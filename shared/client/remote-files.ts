import { UnreachableError } from './problem.ts';

/** A file as deployed, with its hash (subresource integrity). */
export type RemoteFile = { href: string; integrity: string };

/** The files of a page of a remote, at paths that match the pattern: its own module first. */
export type RemotePage = { pattern: string; modules: RemoteFile[] };

/** The entry of a built remote, and the modules that it imports. */
type RemoteBuild = { entry: string; integrity: string; modules: RemoteFile[] };

/**
 * One version of a remote. `entry` and `modules` are the container of the federation plugin, which any shell
 * and any browser can load; `native` is what browsers with import maps load, if the shell has the same
 * Svelte. `contract` is the version of the host that it was built for (`HOST_CONTRACT`); without one it is
 * 1.
 */
export type RemoteFiles = RemoteBuild & {
  version: string;
  contract?: number;
  styles: RemoteFile[];
  native?: RemoteBuild & { svelte: string; pages: RemotePage[] };
};

/** A version by name; its files are in its description at `href`, with the hash of that. */
export type RemoteVersion = { version: string; contract: number; href: string; integrity?: string };

/** What is in a version's description: also the files that are loaded later. */
export type RemoteDescription = RemoteFiles & { further: RemoteFile[] };

/**
 * One remote in `/mfes/manifest.json`: the files of the current version, the version before, and one that is
 * shown to a share of the users only.
 */
export type Remote = RemoteFiles & {
  previous?: RemoteVersion;
  canary?: RemoteVersion & { percent: number };
};

/**
 * `build` names the page's build that the remotes belong to, `shell` the versions of the host's contract that
 * it accepts.
 */
export type Manifest = {
  build?: string;
  shell?: { from: number; to: number };
  remotes: Record<string, Remote>;
};

/** Where the description of a version is. */
export const descriptionOf = (name: string, version: string): string =>
  `/mfes/${name}/${version}/remote.json`;

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
