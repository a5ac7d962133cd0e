const FILE = /\/mfes\/([\w-]+)\/([0-9a-f]{12})|^remote ([\w-]+)/m;

/**
 * The remote whose code is the first in an error's stack, or that the message names; null for the shell's
 * own.
 */
export const remoteOf = (error: unknown): { name: string; version: string | undefined } | null => {
  const found = FILE.exec(error instanceof Error ? `${error.message}\n${error.stack}` : '');
  return found ? { name: found[1] ?? found[3] ?? '', version: found[2] } : null;
};

const reloads = new Map<string, () => void>();

/** Registers a remote that is shown, with what loads it again; returns the function that ends it. */
export const registerPart = (name: string, reload: () => void): (() => void) => {
  reloads.set(name, reload);
  return () => {
    if (reloads.get(name) === reload) reloads.delete(name);
  };
};

/** What loads the shown remote again that an error comes from; undefined for other errors. */
export const reloadOf = (error: unknown): (() => void) | undefined =>
  reloads.get(remoteOf(error)?.name ?? '');
