import { eventually } from '../../broker/testing/start-rooms.ts';
import { auth } from '../../shared/contracts/auth.ts';
import { payments } from '../../shared/contracts/payments.ts';
import {
  DEFAULT_NOTIFICATIONS,
  profile,
  type NotificationPreferences,
} from '../../shared/contracts/profile.ts';
import { realtime, type NotificationContent } from '../../shared/contracts/realtime.ts';
import { forget } from './messages/forget.ts';
import { aPayment, startRealtime, type RealtimeApp, type TestSocket } from './testing/start-realtime.ts';

let app: RealtimeApp;
beforeAll(async () => {
  app = await startRealtime();
});
afterEach(() => app.closeAll());
afterAll(() => app.stop());

type Person = ReturnType<RealtimeApp['person']>;
const at = new Date().toISOString();

const list = (as: Person, params: { limit?: number; cursor?: string } = {}) =>
  app.call(realtime.actions.notifications, params, { as });

/** What somebody was notified of, oldest first, once there is so much of it. */
const contents = (as: Person, count: number): Promise<NotificationContent[]> =>
  eventually(async () => {
    const { items } = await list(as);
    return items.length === count && items.map(({ content }) => content).reverse();
  });

const prefer = async (as: Person, over: Partial<NotificationPreferences>, version = 1) => {
  const notifications = { ...DEFAULT_NOTIFICATIONS, ...over };
  const preferences = { theme: 'system' as const, language: 'system' as const, notifications, version };
  await app.tell(profile.facts.preferencesChanged, { ...preferences, userId: as.userId, at });
  await eventually(
    async () => (await app.sql('select 1 from notification_preferences where user_id = $1', [as.userId]))[0],
  );
};

/** A payment that has come to its end. */
const settle = async (payer: Person, payee: Person, status: 'completed' | 'failed' | 'cancelled') => {
  const payment = { ...aPayment(payer, payee), status, version: 3 };
  await app.tell(payments.facts[status], payment);
  return { paymentId: payment.id, amountMinor: payment.amountMinor, currency: payment.currency };
};

const signIn = (as: Person, over: { knownDevice?: boolean; method?: 'password' | 'registration' } = {}) =>
  app.tell(auth.facts.sessionStarted, {
    sessionId: as.sessionId,
    userId: as.userId,
    device: 'Firefox on Linux',
    kind: 'desktop',
    address: '192.0.2.5',
    method: 'password',
    knownDevice: false,
    at,
    ...over,
  });

const lastNews = ({ messages }: TestSocket) =>
  messages.findLast(({ name }) => name === realtime.messages.notificationsChanged.name)?.payload;

describe('payments', () => {
  test('payer and payee are notified of one that is completed, with the name of the other', async () => {
    const [payer, payee] = [app.person('CUSTOMER', 'Ada'), app.person('VENDOR', 'Books & Co')];
    const money = await settle(payer, payee, 'completed');
    expect(await contents(payee, 1)).toEqual([{ type: 'payment_received', ...money, name: 'Ada' }]);
    expect(await contents(payer, 1)).toEqual([{ type: 'payment_completed', ...money, name: 'Books & Co' }]);
  });

  test('a name that has changed since is the new one', async () => {
    const [payer, payee] = [app.person('CUSTOMER', 'Ada'), app.person('VENDOR')];
    const user = { id: payer.userId, email: 'a@example.com', role: payer.role, status: 'active' as const };
    await app.tell(auth.facts.userChanged, { ...user, name: 'Ada King', version: 2 });
    await eventually(async () => (await app.sql("select 1 from people where name = 'Ada King'"))[0]);
    const money = await settle(payer, payee, 'completed');
    expect(await contents(payee, 1)).toEqual([{ type: 'payment_received', ...money, name: 'Ada King' }]);
  });

  test('only the payer is notified of one that failed, and nobody of one that was cancelled', async () => {
    const [payer, payee] = [app.person(), app.person('VENDOR', 'Bakery')];
    await settle(payer, payee, 'cancelled');
    const money = await settle(payer, payee, 'failed');
    expect(await contents(payer, 1)).toEqual([{ type: 'payment_failed', ...money, name: 'Bakery' }]);
    expect((await list(payee)).items).toEqual([]);
  });

  test('who does not want to know is not notified, and told all the same that it moved', async () => {
    const [payer, payee] = [app.person(), app.person('VENDOR')];
    await prefer(payee, { paymentsReceived: false });
    await prefer(payer, { paymentsSent: false });
    const socket = app.connect({ as: payee });
    await eventually(() => socket.welcome);
    await settle(payer, payee, 'completed');
    await eventually(() => socket.messages.length === 1);
    expect(socket.messages[0]?.name).toBe('realtime.payment-changed');
    expect((await list(payee)).items).toEqual([]);
    expect((await list(payer)).items).toEqual([]);
  });
});

describe('what concerns the account', () => {
  test('a sign-in from an unknown device is notified, if its user wants that; no other is', async () => {
    const [wants, not] = [app.person(), app.person()];
    await prefer(not, { signIns: false });
    await signIn(wants, { knownDevice: true });
    await signIn(wants, { method: 'registration' });
    await signIn(not);
    await signIn(wants);
    expect(await contents(wants, 1)).toEqual([
      { type: 'signed_in', sessionId: wants.sessionId, device: 'Firefox on Linux', address: '192.0.2.5' },
    ]);
    expect((await list(not)).items).toEqual([]);
  });

  test('what threatens it is notified whatever its user prefers', async () => {
    const as = app.person();
    const { userId, sessionId } = as;
    await prefer(as, { paymentsReceived: false, paymentsSent: false, signIns: false });
    const once = async (count: number, tell: () => Promise<void>) => {
      await tell();
      return (await contents(as, count)).at(-1);
    };
    const ended = (reason: 'refresh_reused' | 'signed_out') =>
      app.tell(auth.facts.sessionEnded, { sessionId, userId, reason, at });
    await ended('signed_out');
    expect(await once(1, () => ended('refresh_reused'))).toEqual({ type: 'session_reused', sessionId });
    expect(await once(2, () => app.tell(auth.facts.passwordChanged, { userId, at }))).toEqual({
      type: 'password_changed',
    });
    const lockout = {
      kind: 'account' as const,
      subject: 'a@example.com',
      address: '192.0.2.9',
      failures: 9,
      at,
    };
    const locked = (whom: typeof userId | null) =>
      app.tell(auth.facts.signInLocked, { ...lockout, userId: whom, until: at });
    await locked(null);
    expect(await once(3, () => locked(userId))).toEqual({
      type: 'sign_in_locked',
      address: '192.0.2.9',
      until: at,
    });
    const decision = { by: app.person('ADMIN').userId, reason: 'asked for it', at };
    const role = { role: 'VENDOR' as const, previousRole: 'CUSTOMER' as const, accessVersion: 2 };
    expect(await once(4, () => app.tell(auth.facts.roleChanged, { userId, ...role, ...decision }))).toEqual({
      type: 'role_changed',
      role: 'VENDOR',
    });
  });
});

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
      await app.tell(auth.facts.passwordChanged, { userId: as.userId, at });
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
  const { db, clock } = app.room('realtime');
  await forget({ db, clock });
  expect((await list(as)).items.map(({ read }) => read).sort()).toEqual([false, false, true]);
  expect(await app.sql('select seq from messages where user_id = $1', [userId])).toEqual([{ seq: '3' }]);
});
