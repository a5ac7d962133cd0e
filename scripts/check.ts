// All checks that need no server: types, lint, format, unused code, dependency rules and unit tests.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest, checkSteps, root, runSteps, seconds, type Step } from './steps.ts';

/** Tests that match start a server: they import what starts one. */
const NEEDS_SERVER = /from '[^']*(\/testing[./]|embedded[^']*)|start-[a-z-]+[.]ts'|PAYLOOM_TEST_POSTGRES/;

const unitTests = globSync('{broker,services,shared,scripts,mfes}/**/*.test.ts', { cwd: root })
  .filter((path) => !path.includes('node_modules'))
  .filter((path) => !NEEDS_SERVER.test(readFileSync(join(root, path), 'utf8')));

const tests: Step = {
  name: 'tests',
  args: jest('tests/borders', 'tests/tidy', ...unitTests),
  env: { PAYLOOM_TEST_POSTGRES: 'none' },
  timeoutMs: 120_000,
};

const startedMs = performance.now();
const outcomes = await runSteps([tests, ...checkSteps]);
const failed = outcomes.filter(({ ok }) => !ok);
const ok = outcomes.length - failed.length;
console.log(`\n${ok} ok, ${failed.length} failed in ${seconds(performance.now() - startedMs)}`);
if (failed.length > 0) process.exitCode = 1;
