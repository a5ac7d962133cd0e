/** The slow files, the slowest first; all others take less than ten seconds with two workers on two cores. */
const SLOW = [
  'scripts/stack/stack.test.ts',
  'broker/events/events.test.ts',
  'broker/events/rabbitmq-hub.test.ts',
  'broker/events/replay.test.ts',
  'services/auth/sessions/refresh-races.test.ts',
  'broker/transport/connection-loss.test.ts',
  'scripts/events/upgrade.test.ts',
  'services/admin/audit/verify.test.ts',
  'tests/security/access-matrix.test.ts',
  'services/auth/persistence/accounts/list-users.test.ts',
  'mfes/plain-path.test.ts',
  'broker/events/request-origin.test.ts',
  'services/auth/signing/key-rotation.test.ts',
  'nginx/balancing.test.ts',
  'tests/borders/borders.test.ts',
  'services/gateway/http/proxy/streams.test.ts',
  'services/payments/payments.test.ts',
  'services/gateway/sockets/sockets.test.ts',
  'services/admin/system-bus.test.ts',
  'services/payments/processor/operations.test.ts',
  'services/payments/list.test.ts',
  'scripts/admin.test.ts',
  'services/auth/lockouts/lockouts.test.ts',
  'broker/transport/transport.test.ts',
  'tests/security/logs-and-traces.test.ts',
  'tests/system/payment-trace.test.ts',
  'tests/security/stuffing.test.ts',
  'scripts/seed/seed.test.ts',
  'shared/client/live.test.ts',
  'broker/postgres/embedded.test.ts',
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
