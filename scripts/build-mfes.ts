/**
 * Builds all micro-frontends into dist/web; skips those whose inputs have not changed.
 * `node scripts/build-mfes.ts [--force]`
 */
import { buildMicroFrontends } from '../mfes/build.ts';

try {
  await buildMicroFrontends({
    force: process.argv.includes('--force'),
    say: (line) => process.stdout.write(`${line}\n`),
  });
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
