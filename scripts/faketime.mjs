// Plain JavaScript for Node 20: prepare-machine.mjs imports it before packages are installed.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The path of Debian's libfaketime, which changes a process's clock; null when it is not installed. */
export const findFaketime = () => {
  const folders = existsSync('/usr/lib') ? readdirSync('/usr/lib') : [];
  const files = folders.map((folder) => join('/usr/lib', folder, 'faketime/libfaketimeMT.so.1'));
  return files.find((file) => existsSync(file)) ?? null;
};
