/** The slow files, the slowest first; all others take less than ten seconds with two workers on two cores. */
const SLOW = [
  'broker/events/events.test.ts',
  'scripts/stack/stack.test.ts',
  'tests/observe/observe.test.ts',
  'broker/events/rabbitmq-hub.test.ts',
  'broker/transport/connection-loss.test.ts',
  'services/auth/sessions/races.test.ts',
  'tests/security/access-matrix.test.ts',
  'services/gateway/sockets/sockets.test.ts',
  'nginx/balancing.test.ts',
  'scripts/admin.test.ts',
  'broker/postgres/embedded.test.ts',
  'shared/client/live.test.ts',
  'tests/security/stuffing.test.ts',
  'services/auth/lockouts/lockouts.test.ts',
  'broker/transport/transport.test.ts',
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
