/** The slow files, the slowest first; all others take less than twenty seconds, with three workers. */
const SLOW = [
  'scripts/stack/stack.test.ts',
  'broker/events/events.test.ts',
  'broker/events/replay.test.ts',
  'broker/events/rabbitmq-hub.test.ts',
  'tests/guides/add-an-action.test.ts',
  'broker/transport/connection-loss.test.ts',
  'tests/security/bad-input.test.ts',
  'tests/security/logs-and-traces.test.ts',
  'scripts/events/upgrade.test.ts',
  'mfes/plain-path.test.ts',
  'scripts/poc2/verify/verify.test.ts',
  'scripts/poc2/copy/copy-all.test.ts',
  'services/auth/sessions/refresh-races.test.ts',
  'scripts/poc2/copy/killed.test.ts',
  'scripts/admin.test.ts',
  'tests/security/avatars.test.ts',
  'nginx/balancing.test.ts',
  'tests/security/access-matrix.test.ts',
  'scripts/seed/seed.test.ts',
  'services/payments/report.test.ts',
  'services/admin/dead-letters.test.ts',
  'scripts/backup/backup.test.ts',
  'tests/oracle/unreadable-rows.test.ts',
  'tests/security/stuffing.test.ts',
  'tests/system/payment-trace.test.ts',
  'services/auth/signing/key-rotation.test.ts',
  'tests/observe/rules.test.ts',
  'services/admin/system-bus.test.ts',
  'services/gateway/http/proxy/streams.test.ts',
  'services/auth/persistence/accounts/list-users.test.ts',
  'services/gateway/sockets/sockets.test.ts',
  'tests/security/closed-account.test.ts',
  'tests/security/audit-log.test.ts',
  'services/auth/lockouts/lockouts.test.ts',
  'nginx/old-services.test.ts',
  'services/payments/processor/operations.test.ts',
  'tests/borders/borders.test.ts',
  'scripts/backup/refusals.test.ts',
];

const rank = ({ path }) => {
  const at = SLOW.findIndex((slow) => path.endsWith(slow));
  return at === -1 ? SLOW.length : at;
};

/** A test sequencer that starts the slow files first, so that all workers end together. */
export default class SlowFirst {
  sort = (tests) => [...tests].sort((a, b) => rank(a) - rank(b) || a.path.localeCompare(b.path));
  shard = (tests, { shardIndex, shardCount }) =>
    tests.filter((_test, at) => at % shardCount === shardIndex - 1);
  /** For `--onlyFailures`: no failures are remembered, so every test runs. */
  allFailedTests = (tests) => tests;
  cacheResults = () => {};
}
