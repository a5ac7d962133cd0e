import type { Caller } from '../../broker/calls/envelope.ts';
import { newId } from '../../broker/process/ids.ts';
import { eventually } from '../../broker/testing/eventually.ts';
import { realtime, type SocketMessage } from '../../shared/contracts/realtime.ts';
import { messagesFor, sendMessages } from './messages/send.ts';
import type { RealtimeService } from './realtime.ts';
import { sharedDatabase, startRealtime, type RealtimeApp } from './testing/start-realtime.ts';

// Two processes of the service on one database.
let database: Awaited<ReturnType<typeof sharedDatabase>>;
let one: RealtimeApp;
let two: RealtimeApp;
beforeAll(async () => {
  database = await sharedDatabase();
  const env = { REALTIME_DATABASE_URL: database.url };
  one = await startRealtime({ env });
  two = await startRealtime({ env });
});
afterEach(() => {
  one.closeAll();
  two.closeAll();
});
afterAll(async () => {
  await one.stop();
  await two.stop();
  await database.drop();
});

const seqs = ({ messages }: { messages: readonly SocketMessage[] }) => messages.map(({ seq }) => seq);
const upTo = (last: number, from = 1) => Array.from({ length: last - from + 1 }, (_, index) => from + index);

/** Sends `count` messages to a user and others at the same time; the commits may be in any order. */
const send = async (app: RealtimeApp, to: Caller, count: number) => {
  const service = app.service('realtime') as RealtimeService;
  const others = [app.person(), app.person()].map(({ userId }) => userId);
  await Promise.all(
    upTo(count).map((number) => {
      const users = number % 2 === 0 ? [to.userId, ...others] : [...others, to.userId];
      const change = { id: newId('payment', Date.now()), status: 'pending' as const, version: number };
      const messages = messagesFor(realtime.messages.paymentChanged, users, change);
      return service.db.transaction((tx) => sendMessages(service, tx, messages));
    }),
  );
};

/** Writes messages of a given age without notifying the processes. */
const write = (userId: string, count: number, ageS = 0) =>
  one.sql(
    `with counted as (
       insert into streams (user_id, last_seq) values ($1, $2)
       on conflict (user_id) do update set last_seq = streams.last_seq + $2 returning last_seq
     )
     insert into messages (user_id, seq, name, payload, at)
     select $1, last_seq - $2 + number, 'realtime.user-changed', '{}', now() - make_interval(secs => $3)
     from counted, generate_series(1, $2::int) as number`,
    [userId, count, ageS],
  );

test('messages sent at the same time reach every socket once and in the same order', async () => {
  const payer = one.person();
  const sockets = [
    one.connect({ as: payer }),
    one.connect({ as: payer, transport: 'polling' }),
    two.connect({ as: payer }),
    two.connect({ as: payer, transport: 'polling' }),
  ];
  await eventually(() => sockets.every(({ welcome }) => welcome));
  await Promise.all([send(one, payer, 60), send(two, payer, 60)]);
  await eventually(() => sockets.every(({ messages }) => messages.length >= 120), 15_000);
  // A message after all others: a late duplicate would come before it.
  await send(one, payer, 1);
  await eventually(() => sockets.every(({ messages }) => messages.some(({ seq }) => seq === 121)));
  for (const socket of sockets) expect(seqs(socket)).toEqual(upTo(121));
  const [first, ...others] = sockets.map(({ messages }) => messages.map(({ payload }) => payload));
  for (const other of others) expect(other).toEqual(first);
});

test.each(['websocket', 'polling'] as const)(
  'messages missed while disconnected arrive once and in order, at any process, over %s',
  async (transport) => {
    const payer = one.person();
    const before = one.connect({ as: payer, transport });
    await eventually(() => before.welcome);
    await send(one, payer, 3);
    await eventually(() => expect(before.messages).toHaveLength(3));
    before.socket.disconnect();
    await send(one, payer, 50);
    const after = two.connect({ as: payer, transport, after: 3 });
    await eventually(() => after.messages.length >= 50);
    expect(after.welcome).toEqual({ userId: payer.userId, seq: 53, reread: false });
    await send(one, payer, 1);
    await eventually(() => after.messages.length > 50);
    expect(seqs(after)).toEqual(upTo(54, 4));
  },
);

test('sockets that reconnect while messages are sent get each message from their position once', async () => {
  const payer = one.person();
  const sending = send(one, payer, 150);
  const got: number[] = [];
  for (let round = 0; got.length < 150; round++) {
    const app = round % 2 === 0 ? one : two;
    const socket = app.connect({ as: payer, after: got.length });
    await eventually(() => socket.messages.length > 0, 10_000);
    socket.socket.disconnect();
    got.push(...seqs(socket));
  }
  await sending;
  expect(got).toEqual(upTo(150));
});

test('a client that has missed the maximum gets all of it in order', async () => {
  const as = one.person();
  await write(as.userId, 1_000);
  const sockets = [one.connect({ as, after: 0 }), one.connect({ as, after: 0, transport: 'polling' })];
  await eventually(() => sockets.every(({ messages }) => messages.length >= 1_000), 10_000);
  await send(one, as, 1);
  await eventually(() => sockets.every(({ messages }) => messages.at(-1)?.seq === 1_001));
  for (const socket of sockets) {
    expect(seqs(socket)).toEqual(upTo(1_001));
    expect(socket.welcome?.reread).toBe(false);
  }
});

describe('reread is true and no old message is sent', () => {
  test.each([
    ['more than the maximum was missed', async (id: string) => void (await write(id, 1_001)), 0, 1_001],
    ['`after` is greater than any number', async (id: string) => void (await write(id, 2)), 5, 2],
    [
      'the missed messages were purged',
      async (id: string) => {
        await write(id, 2, 26 * 3_600);
        await write(id, 1);
        await one.sql("delete from messages where user_id = $1 and at < now() - interval '25 hours'", [id]);
      },
      1,
      3,
    ],
  ])('when %s', async (_why, prepare, after, last) => {
    const as = one.person();
    await prepare(as.userId);
    const socket = two.connect({ as, after });
    await eventually(() => socket.welcome);
    expect(socket.welcome).toEqual({ userId: as.userId, seq: last, reread: true });
    await send(one, as, 1);
    await eventually(() => socket.messages.length > 0);
    expect(seqs(socket)).toEqual([last + 1]);
  });
});

test('a new client starts with the next message', async () => {
  const as = one.person();
  await write(as.userId, 5);
  const socket = one.connect({ as });
  await eventually(() => socket.welcome);
  expect(socket.welcome).toEqual({ userId: as.userId, seq: 5, reread: false });
  await send(two, as, 1);
  await eventually(() => socket.messages.length > 0);
  expect(seqs(socket)).toEqual([6]);
});

test('a socket that opens while the database does not respond is welcomed afterwards', async () => {
  const socket = await one.service('realtime').db.transaction(async (tx) => {
    await tx.query('lock table streams in access exclusive mode');
    const opened = one.connect({ as: one.person() });
    const isWaiting = async () =>
      (await tx.query("select from pg_locks where not granted and relation = 'streams'::regclass")).length >
      0;
    await eventually(isWaiting);
    await eventually(async () => !(await isWaiting()));
    expect([opened.welcome, opened.closed]).toEqual([null, false]);
    return opened;
  });
  await eventually(() => socket.welcome);
});

test('an invalid `after` is refused', async () => {
  const sockets = [-1, 1.5, '3', {}, Number.MAX_SAFE_INTEGER + 1].map((after) =>
    one.connect({ as: one.person(), auth: { after } }),
  );
  await eventually(() => sockets.every(({ refused }) => refused));
  expect(sockets.map(({ refused }) => refused)).toEqual(sockets.map(() => 'invalid_params'));
});

test('messages arrive without a notification, by polling', async () => {
  const as = one.person();
  const sockets = [one.connect({ as }), two.connect({ as })];
  await eventually(() => sockets.every(({ welcome }) => welcome));
  await write(as.userId, 3);
  await eventually(() => sockets.forEach(({ messages }) => expect(messages).toHaveLength(3)));
});
