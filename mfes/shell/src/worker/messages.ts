/** A file that a page has loaded; a name without a hash of its content needs the integrity. */
export type LoadedFile = { href: string; integrity: string };

/** What a page says to the worker. `whichBuild` is answered on the port that comes with it. */
export type WorkerMessage =
  { kind: 'whichBuild' } | { kind: 'takeOver'; onlyIfAlone: boolean } | { kind: 'keep'; files: LoadedFile[] };

/** The cache that holds the shell of a build and, once read, its list of remotes. */
export const shellCacheOf = (build: string): string => `payloom-shell-${build}`;
