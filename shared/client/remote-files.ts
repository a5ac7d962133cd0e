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
export type Manifest = { remotes: Record<string, RemoteFiles> };
