import { eventually } from '../../broker/testing/eventually.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import { payments } from '../../shared/contracts/payments.ts';
import {
  DEFAULT_NOTIFICATIONS,
  profile,
  type NotificationPreferences,
} from '../../shared/contracts/profile.ts';
import { realtime, type NotificationContent } from '../../shared/contracts/realtime.ts';
import { aPayment, startRealtime, type RealtimeApp } from './testing/start-realtime.ts';

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

const prefer = async (as: Person, over: Partial<NotificationPreferences>, version = 1) => {
  const notifications = { ...DEFAULT_NOTIFICATIONS, ...over };
  const looks = { theme: 'system', language: 'system', timeZone: 'system', currency: null } as const;
  const event = {
    ...looks,
    analytics: 'unset' as const,
    notifications,
    version,
    userId: as.userId,
    at: now(),
  };
  await app.publish(profile.events.preferencesChanged, event);
  await eventually(
    async () =>
      (await app.sql('select 1 from notification_preferences where user_id = $1', [as.userId])).length > 0,
  );
};

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

const signIn = (as: Person, over: { knownDevice?: boolean; method?: 'password' | 'registration' } = {}) =>
  app.publish(auth.events.sessionStarted, {
    sessionId: as.sessionId,
    userId: as.userId,
    device: 'Firefox on Linux',
    kind: 'desktop',
    address: '192.0.2.5',
    method: 'password',
    knownDevice: false,
    at: now(),
    ...over,
  });

describe('payments', () => {
  test('a completed payment is notified to payer and payee, with the name of the other', async () => {
    const [payer, payee] = [app.person('CUSTOMER', 'Ada'), app.person('VENDOR', 'Books & Co')];
    const money = await settle(payer, payee, 'completed');
    expect(await contents(payee, 1)).toEqual([{ type: 'payment_received', ...money, name: 'Ada' }]);
    expect(await contents(payer, 1)).toEqual([{ type: 'payment_completed', ...money, name: 'Books & Co' }]);
  });

  test('a notification has the current name', async () => {
    const [payer, payee] = [app.person('CUSTOMER', 'Ada'), app.person('VENDOR')];
    const user = { id: payer.userId, email: 'a@example.com', role: payer.role, status: 'active' as const };
    await app.publish(auth.events.userChanged, { ...user, name: 'Ada King', version: 2 });
    await eventually(async () => (await app.sql("select 1 from people where name = 'Ada King'")).length > 0);
    const money = await settle(payer, payee, 'completed');
    expect(await contents(payee, 1)).toEqual([{ type: 'payment_received', ...money, name: 'Ada King' }]);
  });

  test('a failed payment is notified to the payer only, a cancelled one to no user', async () => {
    const [payer, payee] = [app.person(), app.person('VENDOR', 'Bakery')];
    await settle(payer, payee, 'cancelled');
    const money = await settle(payer, payee, 'failed');
    expect(await contents(payer, 1)).toEqual([{ type: 'payment_failed', ...money, name: 'Bakery' }]);
    expect((await list(payee)).items).toEqual([]);
  });

  test('a user who has switched notifications off still gets the payment’s message', async () => {
    const [payer, payee] = [app.person(), app.person('VENDOR')];
    await prefer(payee, { paymentsReceived: false });
    await prefer(payer, { paymentsSent: false });
    const socket = app.connect({ as: payee });
    await eventually(() => socket.welcome);
    await settle(payer, payee, 'completed');
    await eventually(() => expect(socket.messages).toHaveLength(1));
    expect(socket.messages[0]?.name).toBe('realtime.payment-changed');
    expect((await list(payee)).items).toEqual([]);
    expect((await list(payer)).items).toEqual([]);
  });
});

test('a notification has the time of its event; one of an old event is stored as read', async () => {
  const [payer, payee] = [app.person(), app.person()];
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
  const [sixDaysAgo, eightDaysAgo] = [daysAgo(6), daysAgo(8)];
  await settle(payer, payee, 'completed', sixDaysAgo);
  await settle(payer, payee, 'completed', eightDaysAgo);
  await contents(payee, 2);
  const { items, unread } = await list(payee);
  expect(items).toMatchObject([
    { createdAt: sixDaysAgo, read: false },
    { createdAt: eightDaysAgo, read: true },
  ]);
  expect(unread).toBe(1);
});

describe('the account', () => {
  test('a sign-in from an unknown device is notified if the user wants that; no other is', async () => {
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

  test('security notifications are sent whatever the user prefers', async () => {
    const as = app.person();
    const { userId, sessionId } = as;
    await prefer(as, { paymentsReceived: false, paymentsSent: false, signIns: false });
    const once = async (count: number, publish: () => Promise<void>) => {
      await publish();
      return (await contents(as, count)).at(-1);
    };
    const ended = (reason: 'refresh_reused' | 'signed_out') =>
      app.publish(auth.events.sessionEnded, { sessionId, userId, reason, at: now() });
    await ended('signed_out');
    expect(await once(1, () => ended('refresh_reused'))).toEqual({ type: 'session_reused', sessionId });
    expect(await once(2, () => app.publish(auth.events.passwordChanged, { userId, at: now() }))).toEqual({
      type: 'password_changed',
    });
    const until = new Date().toISOString();
    const lockout = {
      kind: 'account' as const,
      subject: 'a@example.com',
      address: '192.0.2.9',
      failures: 9,
      at: now(),
    };
    const locked = (user: typeof userId | null) =>
      app.publish(auth.events.signInLocked, { ...lockout, userId: user, until });
    await locked(null);
    expect(await once(3, () => locked(userId))).toEqual({
      type: 'sign_in_locked',
      address: '192.0.2.9',
      until,
    });
    const changed = { before: null, after: null };
    const decision = { by: app.person('ADMIN').userId, reason: 'asked for it', at: now(), ...changed };
    const role = { role: 'VENDOR' as const, previousRole: 'CUSTOMER' as const, accessVersion: 2 };
    expect(
      await once(4, () => app.publish(auth.events.roleChanged, { userId, ...role, ...decision })),
    ).toEqual({
      type: 'role_changed',
      role: 'VENDOR',
    });
  });
});

describe('a closed account', () => {
  it('loses its notifications, and its name in those of others', async () => {
    const [payer, payee] = [app.person('CUSTOMER'), app.person('VENDOR')];
    const money = await settle(payer, payee, 'completed');
    const nameIn = async (as: Person) => (await contents(as, 1)).map((one) => 'name' in one && one.name)[0];
    expect(await nameIn(payee)).not.toBe('Closed account');
    const closed = { name: 'Closed account', email: 'closed-1@closed.invalid', role: 'CUSTOMER' as const };
    const event = { id: payer.userId, ...closed, status: 'deleted' as const, version: 9 };
    await app.publish(auth.events.userChanged, event);
    await eventually(async () => (await nameIn(payee)) === 'Closed account');
    expect(await contents(payee, 1)).toEqual([
      { type: 'payment_received', ...money, name: 'Closed account' },
    ]);
    await contents(payer, 0);
  });
});
