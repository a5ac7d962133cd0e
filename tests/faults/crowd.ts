import { realtime, type SocketMessage } from '../../shared/contracts/realtime.ts';
import { registerMany, type Person } from '../system/accounts.ts';
import { inParallel, until } from '../system/timing.ts';
import { connectSocket, type SocketClient, type SocketEndpoints } from './socket-client.ts';
import type { Platform } from './system.ts';

/** What a client has received; all messages of its user, or those of one name. */
type Receiver = Pick<SocketClient, 'person' | 'from' | 'problems'> & {
  messages: readonly Pick<SocketMessage, 'seq' | 'name' | 'payload'>[];
  only?: string;
};
type Received = { sockets: readonly Receiver[] };

/** Payers and payees made for one fault, with sockets open. */
export type Crowd = {
  payers: readonly Person[];
  payees: readonly Person[];
  sockets: readonly SocketClient[];
  /** Resolves when every socket is connected. */
  connected(limitMs?: number): Promise<number>;
  close(): void;
};

const OPENING_AT_ONCE = 10;
const CONNECT_LIMIT_MS = 30_000;
/** One socket in ten uses long polling. */
const POLLING_EVERY = 10;

export const endpointsOf = ({ urls, env }: Platform): SocketEndpoints => ({
  urls,
  origin: env['PUBLIC_URL'] ?? '',
});

type CrowdOptions = { label: string; each: number; sockets: number };

/** Registers `each` payers and `each` payees, and opens sockets for them in turn, at both gateways. */
export const openCrowd = async (system: Platform, options: CrowdOptions): Promise<Crowd> => {
  const { label, each, sockets: count } = options;
  const payers = await registerMany(system.urls, label, 'CUSTOMER', each);
  const payees = await registerMany(system.urls, label, 'VENDOR', each);
  const people = [...payers, ...payees];
  const sockets: SocketClient[] = [];
  const close = () => sockets.forEach((one) => one.close());
  try {
    await inParallel(count, OPENING_AT_ONCE, async (index) => {
      const person = people[index % people.length] as Person;
      const transport = index % POLLING_EVERY === POLLING_EVERY - 1 ? 'polling' : 'websocket';
      const one = connectSocket(endpointsOf(system), person, { first: index >> 1, transport });
      sockets[index] = one;
      await until(`socket ${index} is open`, CONNECT_LIMIT_MS, () => one.lostMs === null);
      // The time until the first connection is not a gap.
      one.gaps.length = 0;
    });
  } catch (error) {
    close();
    throw error;
  }
  return {
    payers,
    payees,
    sockets,
    close,
    connected: (limitMs = CONNECT_LIMIT_MS) =>
      until('every socket is open', limitMs, () => sockets.every(({ lostMs }) => lostMs === null)),
  };
};

type Stored = { user_id: string; seq: string; name: string; payload: string };

/** The stored messages of each user since their first socket was connected. */
const readStreams = async (system: Platform, { sockets }: Received): Promise<Map<string, Stored[]>> => {
  const froms = new Map<string, number>();
  for (const { person, from } of sockets)
    froms.set(person.id, Math.min(froms.get(person.id) ?? Number.MAX_SAFE_INTEGER, from ?? 0));
  const { rows } = await system.database('realtime').query<Stored>(
    `select m.user_id, m.seq, m.name, m.payload from unnest($1::text[], $2::bigint[]) as wanted (id, after)
     join messages m on m.user_id = wanted.id and m.seq > wanted.after order by m.user_id, m.seq`,
    [[...froms.keys()], [...froms.values()]],
  );
  return Map.groupBy(rows, ({ user_id: userId }) => userId);
};

type Paid = { id: string; version: number; payer_id: string; payee_id: string; status: string };

/** Transitions of payments that were not stored exactly once for each party. */
const unpublished = (payments: readonly Paid[], streams: Map<string, Stored[]>): string[] => {
  const stored = new Map<string, number>();
  for (const [userId, all] of streams)
    for (const { name, payload } of all) {
      if (name !== realtime.messages.paymentChanged.name) continue;
      const { id, version } = JSON.parse(payload) as { id: string; version: number };
      const key = `${userId} ${id} ${version}`;
      stored.set(key, (stored.get(key) ?? 0) + 1);
    }
  return payments.flatMap(({ id, version, payer_id: payer, payee_id: payee }) =>
    [payer, payee].flatMap((userId) =>
      Array.from({ length: version }, (_, at) => `${userId} ${id} ${at + 1}`).filter(
        (key) => stored.get(key) !== 1,
      ),
    ),
  );
};

/** The first difference between what a client received and its user's stored messages; null for none. */
const differenceAt = ({ person, from, messages, only }: Receiver, stored: readonly Stored[]) => {
  const expected = stored.filter(
    ({ seq, name }) => Number(seq) > (from ?? 0) && (only === undefined || name === only),
  );
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
        `${person.email}: message ${index + 1} of ${length} is ${want?.seq}, received ` + seen.join(', ')
      );
    }
  }
  return null;
};

const SETTLE_LIMIT_MS = 30_000;
const POLL_MS = 500;

/** The first message that is missing, duplicated or out of order at present; '' when there is none. */
const findDifference = async (
  system: Platform,
  crowd: Received,
  paymentIds: readonly string[],
): Promise<string> => {
  const { rows } = await system
    .database('payments')
    .query<Paid>('select id, version, payer_id, payee_id, status from payments where id = any($1)', [
      paymentIds,
    ]);
  const underWay = rows.filter(({ status }) => status === 'pending' || status === 'processing');
  if (underWay.length > 0) return `${underWay.length} payments are under way`;
  const streams = await readStreams(system, crowd);
  const missing = unpublished(rows, streams);
  if (missing.length > 0)
    return `${missing.length} transitions were not published exactly once, such as ${missing[0]}`;
  const wrongs = crowd.sockets.flatMap((one) => differenceAt(one, streams.get(one.person.id) ?? []) ?? []);
  return wrongs.length > 0 ? `${wrongs.length} clients are wrong: ${wrongs[0]}` : '';
};

/**
 * Waits until the payments have ended and every socket has received all messages of its user.
 * @returns the number of messages at all sockets together
 * @throws Error when a message is missing, duplicated or out of order
 */
export const assertMessages = async (
  system: Platform,
  crowd: Received,
  paymentIds: readonly string[],
): Promise<number> => {
  let wrong = '';
  await until(
    'every message is there',
    SETTLE_LIMIT_MS,
    async () => {
      wrong = await findDifference(system, crowd, paymentIds);
      return wrong === '';
    },
    POLL_MS,
  ).catch((error: Error) => {
    throw new Error(`${error.message} (${wrong})`);
  });
  const [problem] = crowd.sockets.flatMap(({ problems, person }) =>
    problems.map((text) => `${person.email}: ${text}`),
  );
  if (problem) throw new Error(problem);
  return crowd.sockets.reduce((sum, { messages }) => sum + messages.length, 0);
};

/** The number of reconnections of all clients, and the longest time without a connection. */
export const gapsOf = ({
  sockets,
}: {
  sockets: readonly Pick<SocketClient, 'gaps'>[];
}): { longestMs: number; figure: string } => {
  const gaps = sockets.flatMap((one) => one.gaps).toSorted((a, b) => b.ms - a.ms);
  const { ms: longestMs, tries } = gaps[0] ?? { ms: 0, tries: [] };
  const counts = [...Map.groupBy(tries, (one) => one)].map(([one, all]) => `${one} ×${all.length}`);
  const how = counts.length > 0 ? ` (${counts.join(', ')})` : '';
  return { longestMs, figure: `${gaps.length} reconnections, longest gap ${longestMs} ms${how}` };
};
