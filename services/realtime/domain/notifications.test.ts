import { SESSION_END_REASONS, SIGN_IN_METHODS } from '../../../shared/contracts/auth/sessions.ts';
import type { PaymentId, SessionId, UserId } from '../../../shared/contracts/ids.ts';
import { PAYMENT_STATUSES } from '../../../shared/contracts/payments.ts';
import { DEFAULT_NOTIFICATIONS, type NotificationPreferences } from '../../../shared/contracts/profile.ts';
import {
  isNotified,
  lockoutNotifications,
  paymentNotifications,
  sessionEndNotifications,
  signInNotifications,
  byPreferences,
  type NotificationDraft,
  type PaymentChange,
} from './notifications.ts';

const at = '2026-11-23T09:30:00.000Z';
const payerId = 'usr_payer' as UserId;
const payeeId = 'usr_payee' as UserId;
const sessionId = 'ses_1' as SessionId;
const names = { payer: 'Ada', payee: 'Bakery' };
const paymentIn = (status: PaymentChange['status']): PaymentChange => ({
  id: 'pay_1' as PaymentId,
  payerId,
  payeeId,
  amountMinor: 250,
  currency: 'EUR',
  version: 3,
  at,
  status,
});
const summaryOf = (drafts: readonly NotificationDraft[]) =>
  drafts.map(({ to, kind, content }) => [to, kind, content.type, 'name' in content ? content.name : null]);

test.each([
  ['pending', []],
  ['processing', []],
  [
    'completed',
    [
      [payeeId, 'paymentsReceived', 'payment_received', 'Ada'],
      [payerId, 'paymentsSent', 'payment_completed', 'Bakery'],
    ],
  ],
  ['failed', [[payerId, 'paymentsSent', 'payment_failed', 'Bakery']]],
  ['cancelled', []],
] as const)(
  'a payment that is %s is notified to these parties, with the name of the other',
  (status, expected) => {
    const payment = paymentIn(status);
    expect(summaryOf(paymentNotifications(payment, names))).toEqual(expected);
  },
);

test('names are needed for exactly the payments that are notified', () => {
  for (const status of PAYMENT_STATUSES) {
    const payment = paymentIn(status);
    expect(isNotified(payment)).toBe(paymentNotifications(payment, names).length > 0);
  }
});

test('only a sign-in with a password on an unknown device is notified', () => {
  for (const method of SIGN_IN_METHODS) {
    for (const knownDevice of [true, false]) {
      const device = { device: 'Firefox', kind: 'desktop' as const, address: null };
      const drafts = signInNotifications({ userId: payerId, sessionId, method, knownDevice, at, ...device });
      expect(drafts).toHaveLength(method === 'password' && !knownDevice ? 1 : 0);
    }
  }
});

test('only the end of a session by a reused refresh token is notified', () => {
  const notified = SESSION_END_REASONS.filter(
    (reason) => sessionEndNotifications({ sessionId, userId: payerId, reason, at }).length > 0,
  );
  expect(notified).toEqual(['refresh_reused']);
});

test('a lockout is notified to the user of its account, if there is one', () => {
  const lockout = { subject: 'a@example.com', address: null, failures: 9, until: at, at };
  expect(lockoutNotifications({ ...lockout, kind: 'account', userId: null })).toEqual([]);
  expect(summaryOf(lockoutNotifications({ ...lockout, kind: 'account', userId: payerId }))).toEqual([
    [payerId, 'always', 'sign_in_locked', null],
  ]);
});

test('each preference allows its own kind, and none blocks security notifications', () => {
  const kinds = [
    ...(Object.keys(DEFAULT_NOTIFICATIONS) as (keyof NotificationPreferences)[]),
    'always',
  ] as const;
  const content = { type: 'password_changed' as const };
  const all = kinds.map((kind): NotificationDraft => ({ to: payerId, kind, content, at }));
  expect(byPreferences(all, () => DEFAULT_NOTIFICATIONS)).toEqual(all);
  const none = { paymentsReceived: false, paymentsSent: false, signIns: false };
  for (const kind of Object.keys(none)) {
    const passed = byPreferences(all, () => ({ ...none, [kind]: true })).map((draft) => draft.kind);
    expect(passed).toEqual([kind, 'always']);
  }
});
