/** Builds one micro-frontend, see config.ts: `node mfes/build-one.ts <name> <out dir>` */
import { build } from 'vite';
import { buildConfig } from './config.ts';
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
  await build(buildConfig(name, outDir));
  if (name === SHELL) await buildWorker(outDir);
} catch (error) {
  process.stderr.write(`${describe(error)}\n`);
  process.exitCode = 1;
}
