// Everything that can be said of the code in under a minute, without a server.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest, readingSteps, root, runSteps, seconds, type Step } from './steps.ts';

/** A test that starts a server imports what starts it. */
const NEEDS_SERVER = /from '[^']*(\/testing[./]|embedded[^']*)|start-[a-z-]+[.]ts'|PAYLOOM_TEST_POSTGRES/;

const unitTests = globSync('{broker,services,shared,scripts,mfes}/**/*.test.ts', { cwd: root })
  .filter((path) => !path.includes('node_modules'))
  .filter((path) => !NEEDS_SERVER.test(readFileSync(join(root, path), 'utf8')));

const withoutServer = { PAYLOOM_TEST_POSTGRES: 'none' };
const steps: Step[] = [
  ...readingSteps,
  { name: 'borders', args: jest('tests/borders'), env: withoutServer, timeoutMs: 60_000 },
  { name: 'tidy', args: jest('tests/tidy'), env: withoutServer, timeoutMs: 60_000 },
  { name: 'unit', args: jest('--runTestsByPath', ...unitTests), env: withoutServer, timeoutMs: 120_000 },
];

const startedMs = performance.now();
const outcomes = await runSteps(steps);
const failed = outcomes.filter(({ ok }) => !ok);
const ok = outcomes.length - failed.length;
console.log(`\n${ok} ok, ${failed.length} failed in ${seconds(performance.now() - startedMs)}`);
if (failed.length > 0) process.exitCode = 1;
