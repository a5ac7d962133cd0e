// Plain JavaScript that Node 20 runs: boot.mjs needs it before anything is installed.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Where Debian puts the library that gives a process another clock; null when it is not installed. */
export const findFaketime = () => {
  const folders = existsSync('/usr/lib') ? readdirSync('/usr/lib') : [];
  const files = folders.map((folder) => join('/usr/lib', folder, 'faketime/libfaketimeMT.so.1'));
  return files.find((file) => existsSync(file)) ?? null;
};
