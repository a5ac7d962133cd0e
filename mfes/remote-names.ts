import { existsSync, readdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const MFES_DIR = dirname(fileURLToPath(import.meta.url));
export const PROJECT_DIR = dirname(MFES_DIR);
/** What is served: the shell's files, and the remotes below `mfes`. */
export const WEB_DIR = resolve(PROJECT_DIR, 'dist/web');
export const SHELL = 'shell';

/** Names of the remotes: every folder beside the shell that has something to mount. */
export const remoteNames = (): string[] =>
  readdirSync(MFES_DIR)
    .filter((name) => name !== SHELL && existsSync(resolve(MFES_DIR, name, 'src/mount.ts')))
    .sort();
