// Loads all code of the services while the image is built, so that Node's compile cache holds it
// (NODE_COMPILE_CACHE): a process is then ready in half the time.
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../stack/folder.ts';

const STARTS_SOMETHING = /process\/(start|demo-data)[.]ts$/;

for (const file of globSync('{broker,services}/**/*.ts', { cwd: root }))
  if (!STARTS_SOMETHING.test(file)) await import(join(root, file));
process.exit(0);
