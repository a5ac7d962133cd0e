import { SESSION_END_REASONS, SIGN_IN_METHODS } from '../../../shared/contracts/auth/fields.ts';
import type { PaymentId, SessionId, UserId } from '../../../shared/contracts/ids.ts';
import { PAYMENT_STATUSES } from '../../../shared/contracts/payments.ts';
import { DEFAULT_NOTIFICATIONS, type NotificationPreferences } from '../../../shared/contracts/profile.ts';
import {
  isNoticed,
  noticesOfLockout,
  noticesOfPayment,
  noticesOfSessionEnd,
  noticesOfSignIn,
  wanted,
  type Notice,
  type PaymentTold,
} from './notices.ts';

const at = '2026-11-23T09:30:00.000Z';
const payerId = 'usr_payer' as UserId;
const payeeId = 'usr_payee' as UserId;
const sessionId = 'ses_1' as SessionId;
const names = { payer: 'Ada', payee: 'Bakery' };
const paymentIn = (status: PaymentTold['status']): PaymentTold => ({
  id: 'pay_1' as PaymentId,
  payerId,
  payeeId,
  amountMinor: 250,
  currency: 'EUR',
  version: 3,
  at,
  status,
});
const told = (notices: readonly Notice[]) =>
  notices.map(({ to, kind, content }) => [to, kind, content.type, 'name' in content ? content.name : null]);

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
  'a payment that is %s is notified to these, under the name of the other party',
  (status, expected) => {
    const payment = paymentIn(status);
    expect(told(noticesOfPayment(payment, names))).toEqual(expected);
  },
);

test('names are needed for just the payments that somebody is notified of', () => {
  for (const status of PAYMENT_STATUSES) {
    const payment = paymentIn(status);
    expect(isNoticed(payment)).toBe(noticesOfPayment(payment, names).length > 0);
  }
});

test('only a sign-in with a password on an unknown device is notified', () => {
  for (const method of SIGN_IN_METHODS) {
    for (const knownDevice of [true, false]) {
      const device = { device: 'Firefox', kind: 'desktop' as const, address: null };
      const notices = noticesOfSignIn({ userId: payerId, sessionId, method, knownDevice, at, ...device });
      expect(notices).toHaveLength(method === 'password' && !knownDevice ? 1 : 0);
    }
  }
});

test('of all ends of a session only the use of an old refresh token is notified', () => {
  const noticed = SESSION_END_REASONS.filter(
    (reason) => noticesOfSessionEnd({ sessionId, userId: payerId, reason, at }).length > 0,
  );
  expect(noticed).toEqual(['refresh_reused']);
});

test('a lockout is notified to the account that it protects, if there is one', () => {
  const lockout = { subject: 'a@example.com', address: null, failures: 9, until: at, at };
  expect(noticesOfLockout({ ...lockout, kind: 'account', userId: null })).toEqual([]);
  expect(told(noticesOfLockout({ ...lockout, kind: 'account', userId: payerId }))).toEqual([
    [payerId, 'always', 'sign_in_locked', null],
  ]);
});

test('each preference lets its own kind through, and none holds back what threatens the account', () => {
  const kinds = [
    ...(Object.keys(DEFAULT_NOTIFICATIONS) as (keyof NotificationPreferences)[]),
    'always',
  ] as const;
  const content = { type: 'password_changed' as const };
  const all = kinds.map((kind): Notice => ({ to: payerId, kind, content, at }));
  expect(wanted(all, () => DEFAULT_NOTIFICATIONS)).toEqual(all);
  const none = { paymentsReceived: false, paymentsSent: false, signIns: false };
  for (const kind of Object.keys(none)) {
    const passed = wanted(all, () => ({ ...none, [kind]: true })).map((notice) => notice.kind);
    expect(passed).toEqual([kind, 'always']);
  }
});
