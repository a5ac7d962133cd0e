import { eventually } from '../../broker/testing/start-services.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import { payments } from '../../shared/contracts/payments.ts';
import { realtime, type NotificationContent } from '../../shared/contracts/realtime.ts';
import { forget } from './jobs/purge.ts';
import { aPayment, startRealtime, type RealtimeApp, type TestSocket } from './testing/start-realtime.ts';

let app: RealtimeApp;
beforeAll(async () => {
  app = await startRealtime();
});
afterEach(() => app.closeAll());
afterAll(() => app.stop());

type Person = ReturnType<RealtimeApp['person']>;

/** Later with each call, so that what happened later is newer. */
let nowMs = Date.now() - 60_000;
const now = (): string => new Date(++nowMs).toISOString();

const list = (as: Person, params: { limit?: number; cursor?: string } = {}) =>
  app.call(realtime.actions.notifications, params, { as });

/** What somebody was notified of, oldest first, once there is so much of it. */
const contents = (as: Person, count: number): Promise<NotificationContent[]> =>
  eventually(async () => {
    const { items } = await list(as);
    return items.length === count && items.map(({ content }) => content).reverse();
  });

/** A payment that has come to its end. */
const settle = async (
  payer: Person,
  payee: Person,
  status: 'completed' | 'failed' | 'cancelled',
  at = now(),
) => {
  const payment = { ...aPayment(payer, payee), status, version: 3, at };
  await app.tell(payments.events[status], payment);
  return { paymentId: payment.id, amountMinor: payment.amountMinor, currency: payment.currency };
};

const lastNews = ({ messages }: TestSocket) =>
  messages.findLast(({ name }) => name === realtime.messages.notificationsChanged.name)?.payload;

describe('reading', () => {
  /** Somebody with so many unread notifications, and sockets of two devices. */
  const reader = async (count: number) => {
    const as = app.person('VENDOR');
    const sockets = [app.connect({ as }), app.connect({ as, transport: 'polling' })] as const;
    await eventually(() => sockets.every(({ welcome }) => welcome));
    for (let added = 1; added <= count; added++) {
      await settle(app.person(), as, 'completed');
      await contents(as, added);
    }
    await eventually(() => sockets.every(({ messages }) => messages.length === 2 * count));
    return { as, sockets };
  };
  const read = (as: Person, id: string) =>
    app.call(realtime.actions.readNotification, { id: id as never }, { as });

  test('a new one reaches every device with the count; reading it on one reaches the others', async () => {
    const { as, sockets } = await reader(2);
    const { items, unread } = await list(as);
    expect(unread).toBe(2);
    expect(lastNews(sockets[0])).toEqual({ unread: 2, added: items[0] });
    expect(await read(as, items[1]?.id ?? '')).toEqual({ unread: 1 });
    await eventually(() => sockets.every(({ messages }) => messages.length === 5));
    expect(sockets.map(lastNews)).toEqual([
      { unread: 1, added: null },
      { unread: 1, added: null },
    ]);
    expect((await list(as)).items.map((item) => item.read)).toEqual([false, true]);
  });

  test('what was read before is read again without anybody being told', async () => {
    const { as, sockets } = await reader(1);
    const [item] = (await list(as)).items;
    const answers = await Promise.all([1, 2, 3].map(() => read(as, item?.id ?? '')));
    expect(answers).toEqual([{ unread: 0 }, { unread: 0 }, { unread: 0 }]);
    const readAll = () => app.call(realtime.actions.readAllNotifications, {}, { as });
    expect(await readAll()).toEqual({ unread: 0 });
    await settle(app.person(), as, 'completed');
    await eventually(() => sockets.every(({ messages }) => messages.length === 5));
    expect(lastNews(sockets[1])).toMatchObject({ unread: 1 });
  });

  test('all are read at once, or those up to one', async () => {
    const { as, sockets } = await reader(3);
    const { items } = await list(as);
    const readAll = (params: { upTo?: never }) =>
      app.call(realtime.actions.readAllNotifications, params, { as });
    expect(await readAll({ upTo: items[1]?.id as never })).toEqual({ unread: 1 });
    expect((await list(as)).items.map((item) => item.read)).toEqual([false, true, true]);
    expect(await readAll({})).toEqual({ unread: 0 });
    await eventually(() => sockets.every(({ messages }) => messages.length === 8));
    expect(sockets.map(lastNews)).toEqual([
      { unread: 0, added: null },
      { unread: 0, added: null },
    ]);
  });

  test('nobody reads what belongs to somebody else', async () => {
    const { as } = await reader(1);
    const stranger = app.person();
    const [item] = (await list(as)).items;
    await expect(read(stranger, item?.id ?? '')).rejects.toMatchObject({ code: 'notification_not_found' });
    await app.call(realtime.actions.readAllNotifications, {}, { as: stranger });
    expect((await list(stranger)).items).toEqual([]);
    expect((await list(as)).unread).toBe(1);
  });

  test('who is not signed in reads nothing and gets no ticket', async () => {
    const id = `ntf_${'0'.repeat(32)}` as never;
    for (const asked of [
      app.call(realtime.actions.notifications, {}),
      app.call(realtime.actions.readNotification, { id }),
      app.call(realtime.actions.readAllNotifications, {}),
      app.call(realtime.actions.issueTicket, {}),
    ])
      await expect(asked).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});

describe('the list', () => {
  test('is read page by page, newest first, each once', async () => {
    const as = app.person();
    for (let count = 1; count <= 5; count++) {
      await app.tell(auth.events.passwordChanged, { userId: as.userId, at: now() });
      await contents(as, count);
    }
    const all = (await list(as)).items.map(({ id }) => id);
    const paged: string[] = [];
    let cursor: string | null | undefined;
    do {
      const page = await list(as, { limit: 2, ...(cursor ? { cursor } : {}) });
      paged.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor);
    expect(paged).toEqual(all);
    expect(all).toEqual(all.toSorted().reverse());
  });

  test.each(['', 'nonsense', Buffer.from("ntf_' or true").toString('base64url')])(
    'refuses the cursor %j, which it did not give out',
    async (cursor) => {
      await expect(list(app.person(), { cursor })).rejects.toMatchObject({ code: 'invalid_cursor' });
    },
  );
});

test('messages are forgotten after 25 hours, notifications after 90 days, or 180 unread', async () => {
  const as = app.person();
  const { userId } = as;
  const keep = (days: number, read: boolean) =>
    app.sql(
      `insert into notifications (id, user_id, content, created_at, read_at)
       select 'ntf_' || md5(random()::text), $1, '{"type": "password_changed"}',
         now() - make_interval(days => $2), case when $3 then now() end`,
      [userId, days, read],
    );
  for (const [days, read] of [
    [89, true],
    [91, true],
    [91, false],
    [179, false],
    [181, false],
  ] as const)
    await keep(days, read);
  await app.sql('insert into streams values ($1, 3)', [userId]);
  await app.sql(
    `insert into messages select $1, seq, 'x', '{}', now() - make_interval(hours => hours)
     from (values (1, 30), (2, 26), (3, 24)) as old (seq, hours)`,
    [userId],
  );
  const { db, clock } = app.service('realtime');
  await forget({ db, clock });
  expect((await list(as)).items.map(({ read }) => read).sort()).toEqual([false, false, true]);
  expect(await app.sql('select seq from messages where user_id = $1', [userId])).toEqual([{ seq: '3' }]);
});
