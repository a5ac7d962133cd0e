/** Builds one micro-frontend, see config.ts: `node mfes/build-one.ts <name> <out dir>` */
import { resolve } from 'node:path';
import { build } from 'vite';
import { buildConfig, federatedConfig } from './config.ts';
import { readPageFiles } from './page-files.ts';
import { SHELL } from './remote-names.ts';
import { buildWorker } from './worker.ts';

const [, , name, outDir] = process.argv;
if (name === undefined || outDir === undefined) throw new Error('usage: build-one.ts <name> <out dir>');

/** The bundler's error object names every module it has seen; where it went wrong is all that helps. */
const describe = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const { id = '', frame = '' } = error as { id?: string; frame?: string };
  return [error.message, id, frame].filter(Boolean).join('\n');
};

try {
  await build(await buildConfig(name, outDir));
  if (name === SHELL) await buildWorker(outDir);
  else {
    const { mount } = await readPageFiles(outDir);
    await build(federatedConfig(name, outDir, resolve(outDir, mount[0] ?? '')));
  }
} catch (error) {
  process.stderr.write(`${describe(error)}\n`);
  process.exitCode = 1;
}
