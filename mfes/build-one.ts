/** Builds one micro-frontend: `node mfes/build-one.ts <name> <out dir>`. A process of its own, see config.ts. */
import { build } from 'vite';
import { buildConfig } from './config.ts';

const [, , name, outDir] = process.argv;
if (name === undefined || outDir === undefined) throw new Error('usage: build-one.ts <name> <out dir>');
await build(buildConfig(name, outDir));
