// Every npm script runs `node scripts/run.mjs COMMAND`: it prepares the machine, then runs the command.
// Plain JavaScript for Node 20; imports only Node's own modules, because nothing may be installed yet.
import { runInForeground } from './foreground.mjs';
import { prepareMachine, root } from './prepare-machine.mjs';

const JEST = ['--disable-warning=ExperimentalWarning', '--experimental-vm-modules'];

/** Node's arguments of each command, and what it needs beside packages and Node 24. */
const COMMANDS = {
  start: { args: ['broker/process/start.ts'], needs: ['pages'] },
  dev: { args: ['scripts/dev.ts'] },
  stack: { args: ['scripts/stack/stack.ts'], needs: ['servers', 'pages'] },
  compose: { args: ['scripts/compose/compose.ts'] },
  'log-level': { args: ['scripts/log-level.ts'] },
  profile: { args: ['scripts/profile/profile.ts'] },
  repl: { args: ['scripts/repl/repl.ts'] },
  events: { args: ['scripts/events/events.ts'] },
  backup: { args: ['scripts/backup/backup.ts'] },
  restore: { args: ['scripts/backup/restore.ts'], needs: ['servers'] },
  doctor: { args: ['scripts/doctor/doctor.ts'] },
  migrate: { args: ['scripts/migrate.ts'] },
  admin: { args: ['scripts/admin.ts'] },
  audit: { args: ['scripts/audit.ts'] },
  copies: { args: ['scripts/copies/copies.ts'] },
  seed: { args: ['scripts/seed/seed.ts'] },
  // Rows pass through quickly: a heap that grows slowly collects what they leave in time.
  poc2: { args: ['--heap-growing-percent=30', '--max-semi-space-size=4', 'scripts/poc2/poc2.ts'] },
  reset: { args: ['scripts/reset.ts'] },
  verify: { args: ['tests/oracle/verify.ts'] },
  tls: { args: ['scripts/tls.ts'] },
  check: { args: ['scripts/check.ts'] },
  test: { args: ['scripts/test.ts'], needs: ['chromium', 'servers', 'prometheus'] },
  jest: { args: [...JEST, 'node_modules/jest/bin/jest.js'], needs: ['servers', 'prometheus'] },
  observe: {
    args: [
      ...JEST,
      'node_modules/jest/bin/jest.js',
      '--testPathIgnorePatterns=/node_modules/',
      '--',
      'tests/observe',
    ],
    needs: ['servers', 'prometheus', 'pages'],
  },
  e2e: {
    args: ['node_modules/@playwright/test/cli.js', 'test', '-c', 'tests/e2e/playwright.config.ts'],
    needs: ['chromium', 'pages'],
  },
  bench: { args: ['tests/bench/run.ts'], needs: ['chromium', 'servers', 'pages'] },
  faults: { args: ['tests/faults/run.ts'], needs: ['servers', 'prometheus', 'faketime', 'pages'] },
  build: { args: ['scripts/build-mfes.ts'] },
  'deploy-remote': { args: ['scripts/deploy-remote.ts'] },
  lint: { args: ['node_modules/eslint/bin/eslint.js', '.'] },
  contracts: { args: ['scripts/contracts/contracts.ts'] },
  format: { args: ['node_modules/prettier/bin/prettier.cjs', '--write', '.'] },
};

const [name = '', ...given] = process.argv.slice(2);
if (!Object.hasOwn(COMMANDS, name)) {
  process.stderr.write(`payloom: the commands are ${Object.keys(COMMANDS).join(', ')}.\n`);
  process.exit(2);
}
const { args, needs: always = [] } = COMMANDS[name];
const needs = given.includes('--observe') ? [...always, 'prometheus'] : always;
const node = prepareMachine(needs);
const env = { NODE_COMPILE_CACHE: 'node_modules/.cache/compile' };
runInForeground(node, [...args, ...given], { cwd: root, env: ['start', 'poc2'].includes(name) ? env : {} });
