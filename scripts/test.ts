// Builds the pages, checks the code, runs the Jest tests, the browser specs and this commit's turn of the
// short faults, and counts.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { turnOfCommit } from '../tests/faults/turn.ts';
import { leftOut, SLOW_TESTS, STACK_TEST, TURNS } from '../tests/jest/slow-tests.ts';
import {
  failures,
  readReport,
  type FaultReport,
  type JestReport,
  type PlaywrightReport,
} from './failures.ts';
import { jest, checkSteps, root, runStep, runSteps, seconds, type Outcome, type Step } from './steps.ts';

type Count = { passed: number; failed: number };

const results = join(root, 'test-results');
const lastLine = join(results, 'count.txt');
const jestReport = join(results, 'jest.json');
const stackReport = join(results, 'stack.json');
const playwrightReport = join(results, 'playwright.json');
const faultsReport = join(results, 'faults.json');
const e2eConfig = 'tests/e2e/playwright.config.ts';

/** A step without tests counts as one test; a failed step without a failed test counts as one failure. */
const countOf = ({ ok }: Outcome, count: Count | null): Count => {
  if (count === null || count.passed + count.failed === 0) return { passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
  return ok || count.failed > 0 ? count : { ...count, failed: 1 };
};

type JestRun = Pick<Step, 'name' | 'env' | 'timeoutMs'> & { file: string; args?: readonly string[] };

const runJest = async ({ name, file, env, args = [], timeoutMs }: JestRun): Promise<Count> => {
  const outcome = await runStep({
    name,
    args: jest('--json', `--outputFile=${file}`, '--silent', '--verbose=false', ...args),
    env,
    timeoutMs,
  });
  const report = readReport<JestReport>(file);
  if (report === null) return { passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = report;
  return countOf(outcome, { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites });
};

const runBrowser = async (): Promise<Count> => {
  const outcome = await runStep({
    name: 'e2e',
    args: [
      join(root, 'node_modules/@playwright/test/cli.js'),
      'test',
      '-c',
      e2eConfig,
      '--reporter=dot,json',
    ],
    env: {
      PLAYWRIGHT_JSON_OUTPUT_NAME: playwrightReport,
      PLAYWRIGHT_JSON_OUTPUT_FILE: playwrightReport,
      E2E_SHORT: 'true',
    },
    timeoutMs: 12.5 * 60_000,
  });
  const report = readReport<PlaywrightReport>(playwrightReport);
  if (report === null) return { passed: 0, failed: 1 };
  // A test that passes only in a retry counts as failed.
  const failed = report.stats.unexpected + report.stats.flaky + report.errors.length;
  return countOf(outcome, { passed: report.stats.expected, failed });
};

const runFaults = async (): Promise<Count> => {
  const outcome = await runStep({
    name: 'faults',
    args: ['tests/faults/run.ts', '--short'],
    loud: true,
    timeoutMs: 9 * 60_000,
  });
  const report = readReport<FaultReport>(faultsReport);
  if (report === null) return { passed: 0, failed: 1 };
  const passed = report.filter(({ ok }) => ok).length;
  return countOf(outcome, { passed, failed: report.length - passed });
};

const startedMs = performance.now();
mkdirSync(results, { recursive: true });
for (const file of [lastLine, jestReport, stackReport, playwrightReport, faultsReport])
  rmSync(file, { force: true });

const checks = await runSteps([
  { name: 'build', args: ['scripts/build-mfes.ts'], timeoutMs: 180_000 },
  ...checkSteps,
]);
const counts: Count[] = checks.map((outcome) => countOf(outcome, null));
const { turn, source } = turnOfCommit(TURNS);
const without = leftOut(turn);
const withStack = !without.includes(STACK_TEST);
const others = `${without.length} of ${SLOW_TESTS.length} slow test files are left to other turns`;
console.log(`turn ${turn + 1} of ${TURNS} (${source}): ${others}`);
counts.push(
  await runJest({
    name: 'jest',
    file: jestReport,
    env: { JEST_WITHOUT: `<rootDir>/(${[STACK_TEST, ...without].join('|')})` },
    timeoutMs: 14 * 60_000,
  }),
);
if (withStack)
  counts.push(await runJest({ name: 'stack', file: stackReport, args: [STACK_TEST], timeoutMs: 3 * 60_000 }));
if (existsSync(join(root, e2eConfig))) counts.push(await runBrowser());
counts.push(await runFaults());

const failed = failures({
  jest: [jestReport, stackReport].map((file) => readReport<JestReport>(file)),
  playwright: readReport(playwrightReport),
  faults: readReport(faultsReport),
});
for (const text of failed) console.log(`failed: ${text}`);
const passed = counts.reduce((sum, count) => sum + count.passed, 0);
const failedCount = counts.reduce((sum, count) => sum + count.failed, 0);
const line = `${passed} passed, ${failedCount} failed`;
writeFileSync(lastLine, `${line}\n`);
console.log(`\nin ${seconds(performance.now() - startedMs)}:\n${line}`);
if (failedCount > 0 || passed === 0) process.exitCode = 1;
