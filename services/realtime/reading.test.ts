import { eventually } from '../../broker/testing/eventually.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import { payments } from '../../shared/contracts/payments.ts';
import { realtime, type NotificationContent } from '../../shared/contracts/realtime.ts';
import { purgeExpired } from './jobs/purge-expired.ts';
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

/** The contents of a user's notifications, oldest first, once there are `count` of them. */
const contents = (as: Person, count: number): Promise<NotificationContent[]> =>
  eventually(async () => {
    const { items } = await list(as);
    return items.length === count && items.map(({ content }) => content).reverse();
  });

/** Publishes the end of a payment. */
const settle = async (
  payer: Person,
  payee: Person,
  status: 'completed' | 'failed' | 'cancelled',
  at = now(),
) => {
  const payment = { ...aPayment(payer, payee), status, version: 3, at };
  await app.publish(payments.events[status], payment);
  return { paymentId: payment.id, amountMinor: payment.amountMinor, currency: payment.currency };
};

const lastNotified = ({ messages }: TestSocket) =>
  messages.findLast(({ name }) => name === realtime.messages.notificationsChanged.name)?.payload;

describe('reading', () => {
  /** A user with `count` unread notifications and the sockets of two devices. */
  const reader = async (count: number) => {
    const as = app.person('VENDOR');
    const sockets = [app.connect({ as }), app.connect({ as, transport: 'polling' })] as const;
    await eventually(() => sockets.every(({ welcome }) => welcome));
    for (let added = 1; added <= count; added++) {
      await settle(app.person(), as, 'completed');
      await contents(as, added);
    }
    await eventually(() => sockets.forEach(({ messages }) => expect(messages).toHaveLength(2 * count)));
    return { as, sockets };
  };
  const read = (as: Person, id: string) =>
    app.call(realtime.actions.readNotification, { id: id as never }, { as });

  test('a new notification reaches every device with the unread count, and so does reading it', async () => {
    const { as, sockets } = await reader(2);
    const { items, unread } = await list(as);
    expect(unread).toBe(2);
    expect(lastNotified(sockets[0])).toEqual({ unread: 2, added: items[0] });
    expect(await read(as, items[1]?.id ?? '')).toEqual({ unread: 1 });
    await eventually(() => sockets.forEach(({ messages }) => expect(messages).toHaveLength(5)));
    expect(sockets.map(lastNotified)).toEqual([
      { unread: 1, added: null },
      { unread: 1, added: null },
    ]);
    expect((await list(as)).items.map((item) => item.read)).toEqual([false, true]);
  });

  test('reading a notification again sends no message', async () => {
    const { as, sockets } = await reader(1);
    const [item] = (await list(as)).items;
    const answers = await Promise.all([1, 2, 3].map(() => read(as, item?.id ?? '')));
    expect(answers).toEqual([{ unread: 0 }, { unread: 0 }, { unread: 0 }]);
    const readAll = () => app.call(realtime.actions.readAllNotifications, {}, { as });
    expect(await readAll()).toEqual({ unread: 0 });
    await settle(app.person(), as, 'completed');
    await eventually(() => sockets.forEach(({ messages }) => expect(messages).toHaveLength(5)));
    expect(lastNotified(sockets[1])).toMatchObject({ unread: 1 });
  });

  test('all notifications are marked as read, or those between two of them', async () => {
    const { as, sockets } = await reader(4);
    const { items } = await list(as);
    const readAll = (params: { from?: never; upTo?: never }) =>
      app.call(realtime.actions.readAllNotifications, params, { as });
    const [, newer, older] = items.map(({ id }) => id as never);
    expect(await readAll({ from: older!, upTo: newer! })).toEqual({ unread: 2 });
    expect((await list(as)).items.map((item) => item.read)).toEqual([false, true, true, false]);
    expect(await readAll({ upTo: newer! })).toEqual({ unread: 1 });
    expect(await readAll({})).toEqual({ unread: 0 });
    await eventually(() => sockets.forEach(({ messages }) => expect(messages).toHaveLength(11)));
    expect(sockets.map(lastNotified)).toEqual([
      { unread: 0, added: null },
      { unread: 0, added: null },
    ]);
  });

  test('a user cannot read the notifications of another user', async () => {
    const { as } = await reader(1);
    const stranger = app.person();
    const [item] = (await list(as)).items;
    await expect(read(stranger, item?.id ?? '')).rejects.toMatchObject({ code: 'notification_not_found' });
    await app.call(realtime.actions.readAllNotifications, {}, { as: stranger });
    expect((await list(stranger)).items).toEqual([]);
    expect((await list(as)).unread).toBe(1);
  });

  test('a caller without a session gets no notifications and no ticket', async () => {
    const id = `ntf_${'0'.repeat(32)}` as never;
    for (const call of [
      app.call(realtime.actions.notifications, {}),
      app.call(realtime.actions.readNotification, { id }),
      app.call(realtime.actions.readAllNotifications, {}),
      app.call(realtime.actions.issueTicket, {}),
    ])
      await expect(call).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});

describe('the list', () => {
  test('is paged, newest first, without gaps or repeats', async () => {
    const as = app.person();
    for (let count = 1; count <= 5; count++) {
      await app.publish(auth.events.passwordChanged, { userId: as.userId, at: now() });
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
    'refuses the invalid cursor %j',
    async (cursor) => {
      await expect(list(app.person(), { cursor })).rejects.toMatchObject({ code: 'invalid_cursor' });
    },
  );
});

test('messages are purged after 25 hours, read notifications after 90 days, unread after 180', async () => {
  const as = app.person();
  const { userId } = as;
  const store = (days: number, read: boolean) =>
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
    await store(days, read);
  await app.sql('insert into streams values ($1, 3)', [userId]);
  await app.sql(
    `insert into messages select $1, seq, 'x', '{}', now() - make_interval(hours => hours)
     from (values (1, 30), (2, 26), (3, 24)) as old (seq, hours)`,
    [userId],
  );
  const { db, clock } = app.service('realtime');
  await purgeExpired.run({ db, clock });
  expect((await list(as)).items.map(({ read }) => read).sort()).toEqual([false, false, true]);
  expect(await app.sql('select seq from messages where user_id = $1', [userId])).toEqual([{ seq: '3' }]);
});
