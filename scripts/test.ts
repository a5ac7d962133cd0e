// Builds the pages, checks the code, runs the Jest tests, the browser specs and this commit's turn of the
// short faults, and counts.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { turnOfCommit } from '../tests/faults/turn.ts';
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
/** It starts a dozen processes, which are late beside other tests: it runs apart from them. */
const STACK_TEST = 'scripts/stack/stack.test.ts';
/** Long tests of single parts: each run takes one group of them by turns. `npm run jest` takes all. */
const LONG_TESTS = [
  [
    STACK_TEST,
    'scripts/poc2/copy/copy-all.test.ts',
    'scripts/poc2/copy/open-payments.test.ts',
    'scripts/poc2/follow/follow.test.ts',
  ],
  [
    'broker/transport/connection-loss.test.ts',
    'scripts/events/upgrade.test.ts',
    'scripts/poc2/back-out/back-out.test.ts',
    'scripts/poc2/follow/follow-once.test.ts',
    'scripts/poc2/verify/verify.test.ts',
    'services/poc2-bridge/poc2-bridge.test.ts',
    'services/poc2-bridge/volume.test.ts',
  ],
  [
    'broker/events/replay.test.ts',
    'mfes/plain-path.test.ts',
    'nginx/balancing.test.ts',
    'scripts/backup/backup.test.ts',
    'scripts/poc2/copy/killed.test.ts',
    'scripts/poc2/cut-over/cut-over-all.test.ts',
    'services/auth/sessions/refresh-races.test.ts',
  ],
  [
    'broker/events/rabbitmq-hub.test.ts',
    'scripts/admin.test.ts',
    'scripts/poc2/back-out/killed.test.ts',
    'scripts/poc2/copy/refused.test.ts',
    'scripts/poc2/cut-over/killed.test.ts',
    'scripts/seed/seed.test.ts',
    'services/auth/persistence/accounts/list-users.test.ts',
    'tests/guides/add-an-action.test.ts',
  ],
] as const;
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
const { turn, source } = turnOfCommit(LONG_TESTS.length);
const chosen: readonly string[] = LONG_TESTS[turn] ?? [];
console.log(`long tests: turn ${turn + 1} of ${LONG_TESTS.length} (${source}): ${chosen.join(', ')}`);
const without = LONG_TESTS.flat().filter((file) => file === STACK_TEST || !chosen.includes(file));
counts.push(
  await runJest({
    name: 'jest',
    file: jestReport,
    env: { JEST_WITHOUT: `<rootDir>/(${without.join('|')})` },
    timeoutMs: 14 * 60_000,
  }),
);
if (chosen.includes(STACK_TEST))
  counts.push(await runJest({ name: 'stack', file: stackReport, args: [STACK_TEST], timeoutMs: 3 * 60_000 }));
if (existsSync(join(root, e2eConfig))) counts.push(await runBrowser());
counts.push(await runFaults());

const failed = failures({
  jest: [jestReport, stackReport].map((file) => readReport<JestReport>(file)),
  playwright: readReport(playwrightReport),
  faults: readReport(faultsReport),
});
for (const text of failed) console.log(`\nfailed: ${text}`);
const passed = counts.reduce((sum, count) => sum + count.passed, 0);
const failedCount = counts.reduce((sum, count) => sum + count.failed, 0);
const line = `${passed} passed, ${failedCount} failed`;
writeFileSync(lastLine, `${line}\n`);
console.log(`\nin ${seconds(performance.now() - startedMs)}:\n${line}`);
if (failedCount > 0 || passed === 0) process.exitCode = 1;
