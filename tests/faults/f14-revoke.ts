import { inParallel, seeded, signIn, sleep, until, type Answer } from './client.ts';
import { endpointsOf } from './crowd.ts';
import type { StackFault } from './fault.ts';
import { percentile } from './load.ts';
import { signInAgain, type Person } from './accounts.ts';
import {
  askWith,
  claimsOf,
  makeAccount,
  REVOKE_LIMIT_MS,
  revokeOnce,
  tellRevoked,
  untilRefused,
  WAYS,
  type Account,
  type Revoked,
} from './revoke.ts';
import type { System } from './system.ts';
import { cookieOf } from './watcher.ts';

const ADMIN = 'admin@example.com';
const ENDED = 'session_ended';

/** So many in turn, each way as often as the others. */
const revokeMany = async (system: System, account: Account, tries: number): Promise<string> => {
  const all: Revoked[] = [];
  // An access token lives ten minutes; so many tries need less.
  const admin = await signIn(system.urls, ADMIN);
  for (let index = 0; index < tries; index++) all.push(await revokeOnce(system, account, admin, index));
  return `${WAYS.length} ways, ${tellRevoked(all)}`;
};

const endSession = (by: Person, victim: Person, at: number): Promise<Answer> =>
  by.api.ask('DELETE', `/api/auth/sessions/${claimsOf(victim.accessToken).sid}`, undefined, at);

const refresh = ({ api }: Person, refreshToken: string, at: number): Promise<Answer> =>
  api.ask('POST', '/api/auth/tokens/refresh', { refreshToken }, at);

/** Ends a session while its token is being exchanged, and waits until nothing of it is let in. */
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
    throw new Error(`an exchange was answered ${fresh.status}: ${fresh.text}`);
  const bearers = [victim.accessToken, tokens.accessToken].flatMap((token) => token ?? []);
  const asked = bearers.flatMap((accessToken) =>
    [...system.urls.keys()].map((gateway) =>
      untilRefused({ api: victim.api.as(accessToken) }, gateway, { sinceMs, code: ENDED }),
    ),
  );
  const tookMs = Math.max(...(await Promise.all(asked)));
  for (const token of [victim.refreshToken, tokens.refreshToken]) {
    const again = token ? await refresh(victim, token, at) : null;
    if (again && again.status !== 401) throw new Error(`back to life: refresh answered ${again.status}`);
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
  const lanes = Array.from({ length: RACES_AT_ONCE }, (_, lane) => lane);
  let next = 0;
  const runLane = async (lane: number) => {
    const account = await makeAccount(system, `${label}-race-${lane}`);
    const signInHere = () => signInAgain(system.urls, account, account.password);
    let by = await signInHere();
    for (let count = 1; next < races; count++) {
      // Its own token is to outlive the races.
      if (count % 100 === 0) by = await signInHere();
      raced.push(await race(system, account, { by, random, at: next++ }));
    }
  };
  await Promise.all(lanes.map(runLane));
  const first = raced.filter(({ refreshedFirst }) => refreshedFirst).length;
  const worstMs = percentile(
    raced.map(({ tookMs }) => tookMs),
    0.99,
  );
  const said =
    `${raced.length} races with refresh (${first} refreshed first): 0 came back to life, p99 ` +
    `${worstMs} ms`;
  if (worstMs > REVOKE_LIMIT_MS) throw new Error(said);
  return said;
};

const REVOKED_TOGETHER = 10;
const KNOCK_EVERY_MS = 100;

/** So many sessions of one account, and one that stays. */
const signInMany = async (system: System, account: Account) => {
  const by = await signInAgain(system.urls, account, account.password);
  const victims: Person[] = [];
  await inParallel(REVOKED_TOGETHER, 4, async (index) => {
    victims[index] = await signInAgain(system.urls, account, account.password);
  });
  return { by, victims };
};

/** What a socket's handshake with an old token is answered; a number, as for any other request. */
const handshake = async (system: System, { accessToken }: Person, at: number): Promise<number> => {
  const { urls, origin } = endpointsOf(system);
  const url = `${urls[at % urls.length]}/ws/?EIO=4&transport=polling`;
  const headers = { cookie: cookieOf(accessToken), origin };
  const answer = await fetch(url, { headers, signal: AbortSignal.timeout(10_000) });
  await answer.body?.cancel();
  return answer.status;
};

type Seen = Map<number | string, number>;

/** Old tokens knock at one gateway, over HTTP and as sockets, until each was refused as one that ended. */
const knock = async (
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
    for (let refused = 0; refused < 2 || !isOver(); await sleep(KNOCK_EVERY_MS)) {
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

/** Sessions end, and their gateway dies at once: when it is back it does not know them either. */
const restartGateway = async (system: System, account: Account): Promise<string> => {
  const said: string[] = [];
  for (const at of system.urls.keys()) {
    const { by, victims } = await signInMany(system, account);
    for (const victim of victims) {
      const { status } = await endSession(by, victim, at);
      if (status !== 204) throw new Error(`ending a session was answered ${status}`);
    }
    await system.signal(`gateway-${at + 1}`, 'SIGKILL');
    let isReady = false;
    const ready = system.ready().finally(() => (isReady = true));
    const [seen] = await Promise.all([knock(system, victims, at, () => isReady), ready]);
    said.push(counted(seen));
  }
  return `gateway killed after it, never let in: ${said.join(' and ')}`;
};

/** Sessions end, and RabbitMQ dies right then: nobody is let in who may have been revoked. */
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
  const knocking = [...system.urls.keys()].map((at) => knock(system, victims, at, () => isReady));
  const [, ...seen] = await Promise.all([ready, ...knocking]);
  return `RabbitMQ killed right after it, never let in: ${seen.map(counted).join(' and ')}`;
};

export const revoked: StackFault = {
  on: 'stack',
  name: 'F14-revoke',
  title:
    'revoked means revoked: 200 tries (short: 20), 1,000 races with refresh (short: 40), gateways ' +
    'killed, no RabbitMQ',
  short: true,
  run: async (system, { seed, short }) => {
    const label = `f14-${seed}-${Date.now()}`;
    const account = await makeAccount(system, label);
    const said = [
      await revokeMany(system, account, short ? 20 : 200),
      await raceMany(system, { label, seed, races: short ? 40 : 1_000 }),
      await restartGateway(system, account),
      await loseRabbitmq(system, account),
    ];
    return said.join('; ');
  },
};
