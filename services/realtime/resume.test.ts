import type { Caller } from '../../broker/calls/envelope.ts';
import { newId } from '../../broker/process/ids.ts';
import { eventually } from '../../broker/testing/start-services.ts';
import { realtime, type SocketMessage } from '../../shared/contracts/realtime.ts';
import { saying, tell } from './messages/send.ts';
import type { RealtimeService } from './realtime.ts';
import { sharedDatabase, startRealtime, type RealtimeApp } from './testing/start-realtime.ts';

// Two processes of the service on one database: what is true of them is true of one.
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

/** So many messages at the same time, to one person and others, in whatever order they commit. */
const say = async (app: RealtimeApp, to: Caller, count: number) => {
  const service = app.service('realtime') as RealtimeService;
  const others = [app.person(), app.person()].map(({ userId }) => userId);
  await Promise.all(
    upTo(count).map((number) => {
      const users = number % 2 === 0 ? [to.userId, ...others] : [...others, to.userId];
      const news = { id: newId('payment', Date.now()), status: 'pending' as const, version: number };
      const messages = saying(realtime.messages.paymentChanged, users, news);
      return service.db.transaction((tx) => tell(service, tx, messages));
    }),
  );
};

/** Messages that were written some time ago, without anybody being woken. */
const write = (userId: string, count: number, ageS = 0) =>
  one.sql(
    `with counted as (
       insert into streams (user_id, last_seq) values ($1, $2)
       on conflict (user_id) do update set last_seq = streams.last_seq + $2 returning last_seq
     )
     insert into messages (user_id, seq, name, payload, at)
     select $1, last_seq - $2 + place, 'realtime.user-changed', '{}', now() - make_interval(secs => $3)
     from counted, generate_series(1, $2::int) as place`,
    [userId, count, ageS],
  );

test('what is told at the same time arrives broadcast in one order, each once', async () => {
  const payer = one.person();
  const sockets = [
    one.connect({ as: payer }),
    one.connect({ as: payer, transport: 'polling' }),
    two.connect({ as: payer }),
    two.connect({ as: payer, transport: 'polling' }),
  ];
  await eventually(() => sockets.every(({ welcome }) => welcome));
  await Promise.all([say(one, payer, 60), say(two, payer, 60)]);
  await eventually(() => sockets.every(({ messages }) => messages.length >= 120), 15_000);
  for (const socket of sockets) expect(seqs(socket)).toEqual(upTo(120));
  const [first, ...others] = sockets.map(({ messages }) => messages.map(({ payload }) => payload));
  for (const other of others) expect(other).toEqual(first);
});

test.each(['websocket', 'polling'] as const)(
  'what happened during a cut arrives in order, once, also at another process, over %s',
  async (transport) => {
    const payer = one.person();
    const before = one.connect({ as: payer, transport });
    await eventually(() => before.welcome);
    await say(one, payer, 3);
    await eventually(() => before.messages.length === 3);
    before.socket.disconnect();
    await say(one, payer, 50);
    const after = two.connect({ as: payer, transport, after: 3 });
    await eventually(() => after.messages.length >= 50);
    expect(after.welcome).toEqual({ userId: payer.userId, seq: 53, reread: false });
    await say(one, payer, 1);
    await eventually(() => after.messages.length > 50);
    expect(seqs(after)).toEqual(upTo(54, 4));
  },
);

test('sockets that come and go while much is told get every message from their place on, once', async () => {
  const payer = one.person();
  const telling = say(one, payer, 150);
  const got: number[] = [];
  for (let round = 0; got.length < 150; round++) {
    const app = round % 2 === 0 ? one : two;
    const socket = app.connect({ as: payer, after: got.length });
    await eventually(() => socket.messages.length > 0, 10_000);
    socket.socket.disconnect();
    got.push(...seqs(socket));
  }
  await telling;
  expect(got).toEqual(upTo(150));
});

test('the most that is sent to somebody who was away comes whole and in order', async () => {
  const as = one.person();
  await write(as.userId, 1_000);
  const sockets = [one.connect({ as, after: 0 }), one.connect({ as, after: 0, transport: 'polling' })];
  await eventually(() => sockets.every(({ messages }) => messages.length >= 1_000), 10_000);
  for (const socket of sockets) {
    expect(seqs(socket)).toEqual(upTo(1_000));
    expect(socket.welcome?.reread).toBe(false);
  }
});

describe('who has to read everything again is told so and gets nothing old', () => {
  test.each([
    ['more was missed than is sent', async (id: string) => void (await write(id, 1_001)), 0, 1_001],
    ['what is claimed was never told', async (id: string) => void (await write(id, 2)), 5, 2],
    [
      'it is kept no longer',
      async (id: string) => {
        await write(id, 2, 26 * 3_600);
        await write(id, 1);
        await one.sql("delete from messages where user_id = $1 and at < now() - interval '25 hours'", [id]);
      },
      1,
      3,
    ],
  ])('where %s', async (_why, prepare, after, last) => {
    const as = one.person();
    await prepare(as.userId);
    const socket = two.connect({ as, after });
    await eventually(() => socket.welcome);
    expect(socket.welcome).toEqual({ userId: as.userId, seq: last, reread: true });
    await say(one, as, 1);
    await eventually(() => socket.messages.length > 0);
    expect(seqs(socket)).toEqual([last + 1]);
  });
});

test('who has just come begins with what comes next', async () => {
  const as = one.person();
  await write(as.userId, 5);
  const socket = one.connect({ as });
  await eventually(() => socket.welcome);
  expect(socket.welcome).toEqual({ userId: as.userId, seq: 5, reread: false });
  await say(two, as, 1);
  await eventually(() => socket.messages.length > 0);
  expect(seqs(socket)).toEqual([6]);
});

test('a socket that is opened while the database does not answer is welcomed once it does', async () => {
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

test('a place that is no number is refused', async () => {
  const sockets = [-1, 1.5, '3', {}, Number.MAX_SAFE_INTEGER + 1].map((after) =>
    one.connect({ as: one.person(), auth: { after } }),
  );
  await eventually(() => sockets.every(({ refused }) => refused));
  expect(sockets.map(({ refused }) => refused)).toEqual(sockets.map(() => 'invalid_params'));
});

test('what a process wrote that did not live to tell of it arrives all the same', async () => {
  const as = one.person();
  const sockets = [one.connect({ as }), two.connect({ as })];
  await eventually(() => sockets.every(({ welcome }) => welcome));
  await write(as.userId, 3);
  await eventually(() => sockets.every(({ messages }) => messages.length === 3));
});
