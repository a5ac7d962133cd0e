import { SLOW_TESTS } from './slow-tests.ts';

const rank = ({ path }) => {
  const at = SLOW_TESTS.findIndex((slow) => path.endsWith(slow));
  return at === -1 ? SLOW_TESTS.length : at;
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
