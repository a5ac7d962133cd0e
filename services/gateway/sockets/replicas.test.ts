import { settableClock } from '../../../broker/process/clock.ts';
import { tagOf } from '../../../broker/calls/instances.ts';
import { replicasOf } from './replicas.ts';

const clock = settableClock();
const ONE = { nodeId: 'realtime-1-aaaaaa', address: 'http://127.0.0.1:1' };
const TWO = { nodeId: 'realtime-2-bbbbbb', address: 'http://127.0.0.1:2' };

it('new sockets go to the processes round robin', () => {
  const replicas = replicasOf(() => [ONE, TWO], clock);
  const addresses = [1, 2, 3, 4].map(() => replicas.addressFor(null));
  expect(addresses).toEqual([ONE.address, TWO.address, ONE.address, TWO.address]);
});

it('an open socket stays with its process, at any gateway', () => {
  for (const instances of [
    [ONE, TWO],
    [TWO, ONE],
  ]) {
    const replicas = replicasOf(() => instances, clock);
    expect(replicas.addressFor(`${tagOf(TWO.nodeId)}.abc`)).toBe(TWO.address);
    expect(replicas.addressFor(`${tagOf(ONE.nodeId)}.abc`)).toBe(ONE.address);
  }
});

it('a socket whose process has ended is refused, so that the client opens a new one', () => {
  const replicas = replicasOf(() => [ONE], clock);
  for (const id of [`${tagOf(TWO.nodeId)}.abc`, 'abc', '', '.'])
    expect(() => replicas.addressFor(id)).toThrow('This socket is closed');
});

it('a process that takes no connections is skipped for a while, unless it is the only one', () => {
  const replicas = replicasOf(() => [ONE, TWO], clock);
  replicas.avoid(ONE.address);
  expect([1, 2, 3].map(() => replicas.addressFor(null))).toEqual([TWO.address, TWO.address, TWO.address]);
  clock.set(clock.nowMs() + 6_000);
  expect(new Set([1, 2].map(() => replicas.addressFor(null))).size).toBe(2);
  const alone = replicasOf(() => [ONE], clock);
  alone.avoid(ONE.address);
  expect(alone.addressFor(null)).toBe(ONE.address);
});

it('without any process it fails with unavailable', () => {
  expect(() => replicasOf(() => [], clock).addressFor(null)).toThrow(
    expect.objectContaining({ code: 'unavailable' }),
  );
});
