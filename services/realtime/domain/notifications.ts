import type { PayloadOf } from '../../../shared/contracts/contract.ts';
import type { admin } from '../../../shared/contracts/admin/admin.ts';
import type { auth } from '../../../shared/contracts/auth/auth.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import type { payments } from '../../../shared/contracts/payments.ts';
import type { NotificationPreferences } from '../../../shared/contracts/profile.ts';
import type { NotificationContent } from '../../../shared/contracts/realtime.ts';

/** A notification before the user's preferences are applied and it is stored. */
export type NotificationDraft = {
  to: UserId;
  /** The preference that allows it; `always` cannot be switched off. */
  kind: keyof NotificationPreferences | 'always';
  content: NotificationContent;
  /** The user whose name the content holds. */
  party?: UserId;
  /** When the event occurred, in UTC. */
  at: string;
};

const RECENT_MS = 7 * 24 * 3_600_000;

/** Whether a notification is stored as unread; an older one is stored as read. */
export const isRecent = ({ at }: NotificationDraft, nowMs: number): boolean =>
  nowMs - Date.parse(at) < RECENT_MS;

export type PaymentChange = PayloadOf<typeof payments.events.created>;
export type PartyNames = { payer: string; payee: string };

/** Whether a payment in this status is notified to any party; for others no names are needed. */
export const isNotified = ({ status }: PaymentChange): boolean =>
  status === 'completed' || status === 'failed';

/**
 * The payee is notified of money received, the payer of the payment's outcome. Creating and cancelling are
 * the payer's own acts, and a failed payment was never announced to the payee.
 */
export const paymentNotifications = (payment: PaymentChange, names: PartyNames): NotificationDraft[] => {
  const { id: paymentId, amountMinor, currency, payerId, payeeId, status, at } = payment;
  const money = { paymentId, amountMinor, currency };
  const toPayer = (type: 'payment_completed' | 'payment_failed'): NotificationDraft => ({
    to: payerId,
    kind: 'paymentsSent',
    content: { type, ...money, name: names.payee },
    party: payeeId,
    at,
  });
  if (status === 'failed') return [toPayer('payment_failed')];
  if (status !== 'completed') return [];
  const content = { type: 'payment_received' as const, ...money, name: names.payer };
  return [
    { to: payeeId, kind: 'paymentsReceived', content, party: payerId, at },
    toPayer('payment_completed'),
  ];
};

/** A sign-in with a password from an unknown device is notified; a registration is not. */
export const signInNotifications = (
  started: PayloadOf<typeof auth.events.sessionStarted>,
): NotificationDraft[] => {
  const { userId: to, sessionId, device, address, method, knownDevice, at } = started;
  if (knownDevice || method !== 'password') return [];
  return [{ to, kind: 'signIns', content: { type: 'signed_in', sessionId, device, address }, at }];
};

/** Only the reuse of a refresh token is notified, because the token may have been stolen. */
export const sessionEndNotifications = (
  ended: PayloadOf<typeof auth.events.sessionEnded>,
): NotificationDraft[] => {
  const { userId: to, sessionId, reason, at } = ended;
  if (reason !== 'refresh_reused') return [];
  return [{ to, kind: 'always', content: { type: 'session_reused', sessionId }, at }];
};

/** A lockout of an account is notified to its user; a lockout of an address has none. */
export const lockoutNotifications = (
  lockout: PayloadOf<typeof auth.events.signInLocked>,
): NotificationDraft[] => {
  const { userId: to, address, until, at } = lockout;
  return to ? [{ to, kind: 'always', content: { type: 'sign_in_locked', address, until }, at }] : [];
};

/** A request for an approval is notified to every administrator but the one who asks. */
export const approvalNotifications = (
  { approvalId, requestedBy, at }: PayloadOf<typeof auth.events.approvalRequested>,
  admins: readonly UserId[],
  name: string,
): NotificationDraft[] =>
  admins
    .filter((to) => to !== requestedBy)
    .map((to) => ({
      to,
      kind: 'always',
      content: { type: 'approval_requested', approvalId, name },
      party: requestedBy,
      at,
    }));

/** An approved change of a setting that was not made is notified to the administrator who asked for it. */
export const voidedNotifications = ({
  by: to,
  approvalId,
  key,
  at,
}: PayloadOf<typeof admin.events.settingChangeVoided>): NotificationDraft[] => [
  { to, kind: 'always', content: { type: 'setting_change_voided', approvalId, key }, at },
];

/** The drafts that their users' preferences allow. */
export const byPreferences = (
  drafts: readonly NotificationDraft[],
  preferencesOf: (userId: UserId) => NotificationPreferences,
): NotificationDraft[] => drafts.filter(({ to, kind }) => kind === 'always' || preferencesOf(to)[kind]);
