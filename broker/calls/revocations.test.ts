import { register } from 'prom-client';
import { settableClock, systemClock } from '../process/clock.ts';
import { createLogger } from '../process/logger.ts';
import { revocations, type Revoked } from './revocations.ts';

const NOTHING: Revoked = { sessionIds: [], staleVersions: [], keyIds: [] };
const owner = { userId: 'usr_1', sessionId: 'ses_1', version: 1, keyId: 'key-1' };

const listOf = (fetch: () => Promise<Revoked>) =>
  revocations({ service: 'gateway', clock: systemClock, log: createLogger({ level: 'silent' }), fetch });

const later = () => {
  let give: (list: Revoked) => void = () => undefined;
  const list = new Promise<Revoked>((resolve) => (give = resolve));
  return { list, give };
};

it('no token is accepted before the list has been read', async () => {
  const { list, give } = later();
  const known = listOf(() => list);
  const verdict = known.verdict(owner);
  expect(verdict).toBeInstanceOf(Promise);
  const loaded = known.load();
  give({ sessionIds: ['ses_1'], staleVersions: [], keyIds: [] });
  await loaded;
  expect(await verdict).toBe('session_ended');
  expect(known.verdict(owner)).toBe('session_ended');
});

it('shows whether the list is complete, and when it is', async () => {
  const known = listOf(async () => NOTHING);
  const waits = known.known();
  expect(waits).toBeInstanceOf(Promise);
  await known.load();
  await waits;
  expect(known.known()).toBeNull();
  known.disconnected();
  expect(known.known()).toBeInstanceOf(Promise);
  await known.load();
});

it('a token of an older access version is refused, one of the present version is not', async () => {
  const known = listOf(async () => NOTHING);
  await known.load();
  expect(known.verdict(owner)).toBeNull();
  known.add({ staleVersions: [{ userId: 'usr_1', version: 3 }] });
  known.add({ staleVersions: [{ userId: 'usr_1', version: 2 }] });
  expect([1, 2, 3, 4].map((version) => known.verdict({ ...owner, version }))).toEqual([
    'token_expired',
    'token_expired',
    null,
    null,
  ]);
  expect(known.verdict({ ...owner, userId: 'usr_2' })).toBeNull();
});

it('a token of a revoked signing key is refused for good, one of another key is not', async () => {
  const clock = settableClock();
  const known = revocations({
    service: 'gateway',
    clock,
    log: createLogger({ level: 'silent' }),
    fetch: async () => NOTHING,
  });
  await known.load();
  known.add({ keyIds: ['key-1'] });
  clock.set(clock.nowMs() + 10 * 24 * 3_600_000);
  known.add({ sessionIds: ['ses_2'], keyIds: ['key-3'] });
  expect(known.verdict(owner)).toBe('token_expired');
  expect(known.verdict({ ...owner, keyId: 'key-2' })).toBeNull();
  expect(known.verdict({ ...owner, keyId: null })).toBeNull();
});

it('a revocation that arrives while the list is read is kept', async () => {
  const { list, give } = later();
  const known = listOf(() => list);
  const loaded = known.load();
  known.add({ sessionIds: ['ses_1'] });
  give(NOTHING);
  await loaded;
  expect(known.verdict(owner)).toBe('session_ended');
});

it('a disconnected process trusts only a list that was requested afterwards', async () => {
  const first = later();
  const second = later();
  const lists = [Promise.resolve(NOTHING), first.list, second.list];
  const known = listOf(() => lists.shift() as Promise<Revoked>);
  await known.load();
  known.disconnected();
  const verdict = known.verdict(owner);
  const stale = known.load();
  // Disconnected again while the list was read: its content may be too old.
  known.disconnected();
  first.give(NOTHING);
  await stale;
  const fresh = known.load();
  second.give({ sessionIds: ['ses_1'], staleVersions: [], keyIds: [] });
  await fresh;
  expect(await verdict).toBe('session_ended');
});

it('retries until there is an answer', async () => {
  let reads = 0;
  const known = listOf(async () => {
    reads += 1;
    if (reads < 3) throw new Error('unreachable');
    return NOTHING;
  });
  await known.load();
  expect(known.verdict(owner)).toBeNull();
});

it('a request that waits too long is refused with Retry-After', async () => {
  const known = listOf(() => new Promise(() => undefined));
  await expect(known.verdict(owner)).rejects.toMatchObject({ code: 'unavailable' });
});

it('the delay of a revocation is measured only where a request could have passed meanwhile', async () => {
  const measured = async () => {
    const text = await register.getSingleMetricAsString('payloom_revocation_seconds');
    return Number(/_count\{service="measured"\} (\d+)/.exec(text)?.[1]);
  };
  const known = revocations({
    service: 'measured',
    clock: systemClock,
    log: createLogger({ level: 'silent' }),
    fetch: async () => NOTHING,
  });
  const at = new Date(systemClock.nowMs() - 60_000).toISOString();
  known.add({ sessionIds: ['ses_1'] }, at);
  await known.load();
  known.disconnected();
  known.add({ sessionIds: ['ses_2'] }, at);
  expect(await measured()).toBe(0);
  await known.load();
  known.add({ sessionIds: ['ses_1', 'ses_2'] }, at);
  expect(await measured()).toBe(0);
  known.add({ sessionIds: ['ses_3'] }, at);
  expect(await measured()).toBe(1);
});
