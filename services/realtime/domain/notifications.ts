import type { PayloadOf } from '../../../shared/contracts/contract.ts';
import type { auth } from '../../../shared/contracts/auth/auth.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import type { payments } from '../../../shared/contracts/payments.ts';
import type { NotificationPreferences } from '../../../shared/contracts/profile.ts';
import type { NotificationContent } from '../../../shared/contracts/realtime.ts';

/** Something that a user is to be notified of, if they want to know that kind of thing. */
export type Notice = {
  to: UserId;
  kind: keyof NotificationPreferences | 'always';
  content: NotificationContent;
  /** When it happened, in UTC. */
  at: string;
};

const NEWS_FOR_MS = 7 * 24 * 3_600_000;

/** Whether something is still to be noticed; what is older is kept as read. */
export const isNews = ({ at }: Notice, nowMs: number): boolean => nowMs - Date.parse(at) < NEWS_FOR_MS;

export type PaymentTold = PayloadOf<typeof payments.events.created>;
/** What the two parties of a payment are called. */
export type Names = { payer: string; payee: string };

/** Whether anybody is notified of a payment in this status; else nobody's name is needed. */
export const isNoticed = ({ status }: PaymentTold): boolean => status === 'completed' || status === 'failed';

/**
 * A payee learns of money that has come, a payer how it ended. What the payer did themselves, opening and
 * cancelling, is no news to them, and a payee was never told of money that does not come.
 */
export const noticesOfPayment = (payment: PaymentTold, names: Names): Notice[] => {
  const { id: paymentId, amountMinor, currency, payerId, payeeId, status, at } = payment;
  const money = { paymentId, amountMinor, currency };
  if (status === 'completed') {
    return [
      {
        to: payeeId,
        kind: 'paymentsReceived',
        content: { type: 'payment_received', ...money, name: names.payer },
        at,
      },
      {
        to: payerId,
        kind: 'paymentsSent',
        content: { type: 'payment_completed', ...money, name: names.payee },
        at,
      },
    ];
  }
  if (status !== 'failed') return [];
  const content = { type: 'payment_failed' as const, ...money, name: names.payee };
  return [{ to: payerId, kind: 'paymentsSent', content, at }];
};

/** A sign-in from a browser that has not been seen before; one that registers is no surprise. */
export const noticesOfSignIn = (told: PayloadOf<typeof auth.events.sessionStarted>): Notice[] => {
  const { userId: to, sessionId, device, address, method, knownDevice, at } = told;
  if (knownDevice || method !== 'password') return [];
  return [{ to, kind: 'signIns', content: { type: 'signed_in', sessionId, device, address }, at }];
};

/** Of all ends of a session only the one that may be a theft. */
export const noticesOfSessionEnd = (told: PayloadOf<typeof auth.events.sessionEnded>): Notice[] => {
  const { userId: to, sessionId, reason, at } = told;
  if (reason !== 'refresh_reused') return [];
  return [{ to, kind: 'always', content: { type: 'session_reused', sessionId }, at }];
};

/** Nobody owns an address, and an e-mail address without an account is nobody's either. */
export const noticesOfLockout = (told: PayloadOf<typeof auth.events.signInLocked>): Notice[] => {
  const { userId: to, address, until, at } = told;
  return to ? [{ to, kind: 'always', content: { type: 'sign_in_locked', address, until }, at }] : [];
};

/** Notices that these preferences let through. */
export const wanted = (
  notices: readonly Notice[],
  preferencesOf: (userId: UserId) => NotificationPreferences,
): Notice[] => notices.filter(({ to, kind }) => kind === 'always' || preferencesOf(to)[kind]);
