import { realtime } from '../../shared/contracts/realtime.ts';
import { inParallel, sleep, until } from './client.ts';
import { registerMany, type Person } from './accounts.ts';
import type { System } from './system.ts';
import { watch, type SocketEndpoints, type Watcher } from './watcher.ts';

/** Payers and payees of our own, all with sockets open. */
export type Crowd = {
  payers: readonly Person[];
  payees: readonly Person[];
  watchers: readonly Watcher[];
  /** Resolves when every socket is welcome. */
  connected(limitMs?: number): Promise<number>;
  close(): void;
};

const OPENING_AT_ONCE = 10;
const CONNECT_LIMIT_MS = 30_000;
/** Of so many sockets one uses long polling. */
const POLLING_EVERY = 10;

export const endpointsOf = ({ urls, env }: System): SocketEndpoints => ({
  urls,
  origin: env['PUBLIC_URL'] ?? '',
});

type CrowdOptions = { label: string; each: number; sockets: number };

/** So many payers and payees each, who share the sockets, at both gateways. */
export const gather = async (system: System, { label, each, sockets }: CrowdOptions): Promise<Crowd> => {
  const payers = await registerMany(system.urls, label, 'CUSTOMER', each);
  const payees = await registerMany(system.urls, label, 'VENDOR', each);
  const people = [...payers, ...payees];
  const watchers: Watcher[] = [];
  const close = () => watchers.forEach((one) => one.close());
  try {
    await inParallel(sockets, OPENING_AT_ONCE, async (index) => {
      const person = people[index % people.length] as Person;
      const transport = index % POLLING_EVERY === POLLING_EVERY - 1 ? 'polling' : 'websocket';
      const one = watch(endpointsOf(system), person, { first: index >> 1, transport });
      watchers[index] = one;
      await until(`socket ${index} is open`, CONNECT_LIMIT_MS, () => one.lostMs === null);
      // The time until then is no gap.
      one.gaps.length = 0;
    });
  } catch (error) {
    close();
    throw error;
  }
  return {
    payers,
    payees,
    watchers,
    close,
    connected: (limitMs = CONNECT_LIMIT_MS) =>
      until('every socket is open', limitMs, () => watchers.every(({ lostMs }) => lostMs === null)),
  };
};

type Told = { user_id: string; seq: string; name: string; payload: string };

/** What everybody was told since their first socket was welcome, by user. */
const readStreams = async (system: System, { watchers }: Crowd): Promise<Map<string, Told[]>> => {
  const froms = new Map<string, number>();
  for (const { person, from } of watchers)
    froms.set(person.id, Math.min(froms.get(person.id) ?? Number.MAX_SAFE_INTEGER, from ?? 0));
  const { rows } = await system.database('realtime').query<Told>(
    `select m.user_id, m.seq, m.name, m.payload from unnest($1::text[], $2::bigint[]) as asked (id, after)
     join messages m on m.user_id = asked.id and m.seq > asked.after order by m.user_id, m.seq`,
    [[...froms.keys()], [...froms.values()]],
  );
  return Map.groupBy(rows, ({ user_id: userId }) => userId);
};

type Moved = { id: string; version: number; payer_id: string; payee_id: string; status: string };

/** Every step of every payment is to be told to both parties, once: those that are not, by a name. */
const unpublished = (moved: readonly Moved[], streams: Map<string, Told[]>): string[] => {
  const told = new Map<string, number>();
  for (const [userId, all] of streams)
    for (const { name, payload } of all) {
      if (name !== realtime.messages.paymentChanged.name) continue;
      const { id, version } = JSON.parse(payload) as { id: string; version: number };
      const key = `${userId} ${id} ${version}`;
      told.set(key, (told.get(key) ?? 0) + 1);
    }
  return moved.flatMap(({ id, version, payer_id: payer, payee_id: payee }) =>
    [payer, payee].flatMap((userId) =>
      Array.from({ length: version }, (_, at) => `${userId} ${id} ${at + 1}`).filter(
        (key) => told.get(key) !== 1,
      ),
    ),
  );
};

/** Whether one socket was sent exactly what its user was told, in order, once; what is wrong, else. */
const wrongAt = ({ person, from, messages }: Watcher, told: readonly Told[]): string | null => {
  const expected = told.filter(({ seq }) => Number(seq) > (from ?? 0));
  const { length } = expected;
  for (let index = 0; index < Math.max(length, messages.length); index++) {
    const [want, have] = [expected[index], messages[index]];
    const isSame =
      Number(want?.seq) === have?.seq &&
      want?.name === have?.name &&
      JSON.stringify(have?.payload) === JSON.stringify(JSON.parse(want?.payload ?? 'null'));
    if (!isSame) {
      const seen = messages.slice(index, index + 3).map(({ seq }) => seq);
      return (
        `${person.email}: message ${index + 1} of ${length} is ${want?.seq}, was sent ` + `${seen.join(', ')}`
      );
    }
  }
  return null;
};

const SETTLE_LIMIT_MS = 30_000;
const LOOK_EVERY_MS = 500;

/** What is missing, out of order, twice or was never told at present; empty when nothing is. */
const whatIsWrong = async (system: System, crowd: Crowd, paymentIds: readonly string[]): Promise<string> => {
  const { rows } = await system
    .database('payments')
    .query<Moved>('select id, version, payer_id, payee_id, status from payments where id = any($1)', [
      paymentIds,
    ]);
  const underWay = rows.filter(({ status }) => status === 'pending' || status === 'processing');
  if (underWay.length > 0) return `${underWay.length} payments are under way`;
  const streams = await readStreams(system, crowd);
  const missing = unpublished(rows, streams);
  if (missing.length > 0) return `${missing.length} steps were not told exactly once, such as ${missing[0]}`;
  const wrongs = crowd.watchers.flatMap((one) => wrongAt(one, streams.get(one.person.id) ?? []) ?? []);
  return wrongs.length > 0 ? `${wrongs.length} sockets are wrong: ${wrongs[0]}` : '';
};

/**
 * Waits until the payments have ended, their parties were told, and every socket has what its user was told.
 * @returns how many messages there were at all sockets together
 * @throws Error when something is missing, out of order, twice, or was never told
 */
export const insistOnMessages = async (
  system: System,
  crowd: Crowd,
  paymentIds: readonly string[],
): Promise<number> => {
  let wrong = '';
  await until('every message is there', SETTLE_LIMIT_MS, async () => {
    wrong = await whatIsWrong(system, crowd, paymentIds);
    if (wrong !== '') await sleep(LOOK_EVERY_MS);
    return wrong === '';
  }).catch((error: Error) => {
    throw new Error(`${error.message} (${wrong})`);
  });
  const [trouble] = crowd.watchers.flatMap(({ troubles, person }) =>
    troubles.map((text) => `${person.email}: ${text}`),
  );
  if (trouble) throw new Error(trouble);
  return crowd.watchers.reduce((sum, { messages }) => sum + messages.length, 0);
};

/** How often a socket was without its gateway, and the longest time of it. */
export const gapsOf = ({ watchers }: Crowd): { longestMs: number; figure: string } => {
  const gaps = watchers.flatMap((one) => one.gaps).toSorted((a, b) => b.ms - a.ms);
  const { ms: longestMs, tries } = gaps[0] ?? { ms: 0, tries: [] };
  const counts = [...Map.groupBy(tries, (one) => one)].map(([one, all]) => `${one} ×${all.length}`);
  const how = counts.length > 0 ? ` (${counts.join(', ')})` : '';
  return { longestMs, figure: `${gaps.length} reconnections, longest gap ${longestMs} ms${how}` };
};
