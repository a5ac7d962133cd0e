import { setTimeout as sleep } from 'node:timers/promises';
import { type Person, signIn, signInAgain } from '../system/accounts.ts';
import type { Answer } from '../system/client.ts';
import { percentile } from '../system/statistics.ts';
import { inParallel, seeded, until } from '../system/timing.ts';
import { endpointsOf } from './crowd.ts';
import type { StackFault } from './fault.ts';
import {
  askWith,
  claimsOf,
  makeAccount,
  REVOKE_LIMIT_MS,
  revokeOnce,
  summarizeRevoked,
  untilRefused,
  WAYS,
  type Account,
  type Revoked,
} from './revoke.ts';
import { accessCookie } from '../system/cookies.ts';
import type { System } from './system.ts';

const ADMIN = 'admin@example.com';
const ENDED = 'session_ended';
/** First the key is known as revoked, then not at all; clients refresh their token in both cases. */
const KEY_REVOKED = ['token_expired', 'unauthenticated'];

/** Revokes in turn, each way equally often. */
const revokeMany = async (system: System, account: Account, tries: number): Promise<string> => {
  const all: Revoked[] = [];
  // All tries fit into the ten minutes of an access token.
  const admin = await signIn(system.urls, ADMIN);
  for (let index = 0; index < tries; index++) all.push(await revokeOnce(system, account, admin, index));
  return `${WAYS.length} ways, ${summarizeRevoked(all)}`;
};

const endSession = (by: Person, victim: Person, at: number): Promise<Answer> =>
  by.api.send('DELETE', `/api/auth/sessions/${claimsOf(victim.accessToken).sid}`, undefined, at);

const refresh = ({ api }: Person, refreshToken: string, at: number): Promise<Answer> =>
  api.send('POST', '/api/auth/tokens/refresh', { refreshToken }, at);

/** Ends a session during its refresh, and waits until all its tokens are refused. */
const race = async (
  system: System,
  account: Account,
  { by, random, at }: { by: Person; random: () => number; at: number },
): Promise<{ refreshedFirst: boolean; tookMs: number }> => {
  const victim = await signInAgain(system.urls, account, account.password);
  const [early, late] = [random() * 6, random() * 6];
  const [fresh, done] = await Promise.all([
    sleep(early).then(() => refresh(victim, victim.refreshToken, at)),
    sleep(late).then(() => endSession(by, victim, at + 1)),
  ]);
  if (done.status !== 204) throw new Error(`ending a session was answered ${done.status}: ${done.text}`);
  const sinceMs = Date.now();
  const tokens = fresh.body as { accessToken?: string; refreshToken?: string };
  if (fresh.status !== 200 && fresh.status !== 401)
    throw new Error(`a refresh was answered ${fresh.status}: ${fresh.text}`);
  const bearers = [victim.accessToken, tokens.accessToken].flatMap((token) => token ?? []);
  const refusals = bearers.flatMap((accessToken) =>
    [...system.urls.keys()].map((gateway) =>
      untilRefused({ api: victim.api.as(accessToken) }, gateway, { sinceMs, codes: [ENDED] }),
    ),
  );
  const tookMs = Math.max(...(await Promise.all(refusals)));
  for (const token of [victim.refreshToken, tokens.refreshToken]) {
    const again = token ? await refresh(victim, token, at) : null;
    if (again && again.status !== 401) throw new Error(`an ended session was refreshed: ${again.status}`);
  }
  return { refreshedFirst: fresh.status === 200, tookMs };
};

const RACES_AT_ONCE = 4;

const raceMany = async (
  system: System,
  { label, seed, races }: { label: string; seed: number; races: number },
): Promise<string> => {
  const random = seeded(seed);
  const raced: Awaited<ReturnType<typeof race>>[] = [];
  let next = 0;
  const runWorker = async (worker: number) => {
    const account = await makeAccount(system, `${label}-race-${worker}`);
    const signInHere = () => signInAgain(system.urls, account, account.password);
    let by = await signInHere();
    for (let count = 1; next < races; count++) {
      // The token that ends the sessions must not expire.
      if (count % 100 === 0) by = await signInHere();
      raced.push(await race(system, account, { by, random, at: next++ }));
    }
  };
  await Promise.all(Array.from({ length: RACES_AT_ONCE }, (_, worker) => runWorker(worker)));
  const first = raced.filter(({ refreshedFirst }) => refreshedFirst).length;
  const worstMs = percentile(
    raced.map(({ tookMs }) => tookMs),
    0.99,
  );
  const figure =
    `${raced.length} races with refresh (${first} refreshed first): 0 sessions survived, p99 ` +
    `${worstMs} ms`;
  if (worstMs > REVOKE_LIMIT_MS) throw new Error(figure);
  return figure;
};

const REVOKED_TOGETHER = 10;
const RETRY_EVERY_MS = 100;

/** Sessions of one account to be revoked, and one that stays. */
const signInMany = async (system: System, account: Account) => {
  const by = await signInAgain(system.urls, account, account.password);
  const victims: Person[] = [];
  await inParallel(REVOKED_TOGETHER, 4, async (index) => {
    victims[index] = await signInAgain(system.urls, account, account.password);
  });
  return { by, victims };
};

/** The status of a socket handshake with an old token. */
const handshake = async (system: System, { accessToken }: Person, at: number): Promise<number> => {
  const { urls, origin } = endpointsOf(system);
  const url = `${urls[at % urls.length]}/ws/?EIO=4&transport=polling`;
  const headers = { cookie: accessCookie(origin, accessToken), origin };
  const answer = await fetch(url, { headers, signal: AbortSignal.timeout(10_000) });
  await answer.body?.cancel();
  return answer.status;
};

type Seen = Map<number | string, number>;

/**
 * Repeats requests and handshakes with old tokens at one gateway: each is refused, and none ever accepted.
 */
const assertRefusedUntil = async (
  system: System,
  victims: readonly Person[],
  at: number,
  isOver: () => boolean,
): Promise<Seen> => {
  const seen: Seen = new Map();
  const note = (what: number | string) => seen.set(what, (seen.get(what) ?? 0) + 1);
  const lost = (error: Error & { code?: string; cause?: { code?: string } }) =>
    error.code ?? error.cause?.code ?? error.name;
  await inParallel(victims.length, victims.length, async (index) => {
    const victim = victims[index] as Person;
    for (let refused = 0; refused < 2 || !isOver(); await sleep(RETRY_EVERY_MS)) {
      const status = await askWith(victim, at).then((answer) => answer.status, lost);
      const socket = await handshake(system, victim, at).catch(lost);
      [status, socket].forEach(note);
      refused = status === 401 && socket === 401 ? refused + 1 : 0;
      const bad = [status, socket].find((one) => typeof one === 'number' && one !== 401 && one !== 503);
      if (bad) throw new Error(`an old token was answered ${bad}`);
    }
  });
  return seen;
};

const counted = (seen: Seen): string => [...seen].map(([what, count]) => `${what} ×${count}`).join(', ');

/** Ends sessions and kills the gateway: after its restart it refuses them too. */
const restartGateway = async (system: System, account: Account): Promise<string> => {
  const figures: string[] = [];
  for (const at of system.urls.keys()) {
    const { by, victims } = await signInMany(system, account);
    for (const victim of victims) {
      const { status } = await endSession(by, victim, at);
      if (status !== 204) throw new Error(`ending a session was answered ${status}`);
    }
    await system.signal(`gateway-${at + 1}`, 'SIGKILL');
    let isReady = false;
    const ready = system.ready().finally(() => (isReady = true));
    const [seen] = await Promise.all([assertRefusedUntil(system, victims, at, () => isReady), ready]);
    figures.push(counted(seen));
  }
  return `gateway killed after it, never accepted: ${figures.join(' and ')}`;
};

/** Ends sessions and kills RabbitMQ at the same moment: none of them is accepted. */
const loseRabbitmq = async (system: System, account: Account): Promise<string> => {
  const { by, victims } = await signInMany(system, account);
  const answers = await Promise.all(victims.map((victim, at) => endSession(by, victim, at)));
  await system.signal('rabbitmq-1', 'SIGKILL');
  const wrong = answers.find(({ status }) => status !== 204);
  if (wrong) throw new Error(`ending a session was answered ${wrong.status}: ${wrong.text}`);
  let isReady = false;
  const ready = until(
    'RabbitMQ is gone',
    5_000,
    async () => (await system.unit('rabbitmq-1')).state !== 'ready',
  )
    .then(() => system.ready())
    .finally(() => (isReady = true));
  const refusing = [...system.urls.keys()].map((at) =>
    assertRefusedUntil(system, victims, at, () => isReady),
  );
  const [, ...seen] = await Promise.all([ready, ...refusing]);
  return `RabbitMQ killed right after it, never accepted: ${seen.map(counted).join(' and ')}`;
};

/** Replaces the signing keys in an emergency: every old token is refused, and every session goes on. */
const replaceKeys = async (system: System, account: Account, times: number): Promise<string> => {
  const took: number[] = [];
  for (let round = 0; round < times; round++) {
    const admin = await signIn(system.urls, ADMIN);
    const { victims } = await signInMany(system, account);
    for (const at of system.urls.keys()) await Promise.all(victims.map((victim) => askWith(victim, at)));
    const body = { reason: 'A fault test', revoke: true };
    const { status, text } = await admin.send('POST', '/api/auth/keys/rotate', body, round);
    if (status !== 200) throw new Error(`replacing the keys was answered ${status}: ${text}`);
    const sinceMs = Date.now();
    const refusals = victims.flatMap((victim) =>
      [...system.urls.keys()].map((at) => untilRefused(victim, at, { sinceMs, codes: KEY_REVOKED })),
    );
    took.push(...(await Promise.all(refusals)));
    for (const victim of victims) {
      const fresh = await refresh(victim, victim.refreshToken, round);
      if (fresh.status !== 200) throw new Error(`new keys ended a session: ${fresh.status} ${fresh.text}`);
    }
  }
  const slowestMs = Math.max(...took);
  const figure = `signing keys replaced ×${times}: old tokens refused everywhere within ${slowestMs} ms`;
  if (slowestMs > REVOKE_LIMIT_MS) throw new Error(figure);
  return figure;
};

export const revokeSessions: StackFault = {
  on: 'stack',
  name: 'F14-revoke',
  title:
    'revoked means revoked: 200 tries (short: 20), 1,000 races with refresh (short: 40), signing ' +
    'keys replaced, gateways killed, no RabbitMQ',
  run: async (system, { seed, short }) => {
    const label = `f14-${seed}-${Date.now()}`;
    const account = await makeAccount(system, label);
    const figures = [
      await revokeMany(system, account, short ? 20 : 200),
      await raceMany(system, { label, seed, races: short ? 40 : 1_000 }),
      await replaceKeys(system, account, short ? 1 : 10),
      await restartGateway(system, account),
      await loseRabbitmq(system, account),
    ];
    return figures.join('; ');
  },
};
