import { toDecimal } from '../../../shared/contracts/money.ts';
import type { auth } from '../../../shared/contracts/auth/auth.ts';
import type { PayloadOf } from '../../../shared/contracts/contract.ts';
import type { payments } from '../../../shared/contracts/payments.ts';
import { CHANNELS, type Kind, type Scheme } from './channels.ts';
import { OWN_SOURCE } from './read-message.ts';

/** One of our events in POC-2's terms. */
export type Saying = {
  kind: Kind;
  /** What must be said in order, and its place there: 1, 2, 3 …; null for what has no order. */
  entity: string;
  version: number | null;
  data: Readonly<Record<string, unknown>>;
};

type PaymentChange = PayloadOf<typeof payments.events.created>;
type UserChange = PayloadOf<typeof auth.events.userChanged>;

const paymentKinds = {
  pending: 'paymentCreated',
  processing: 'paymentUpdated',
  completed: 'paymentCompleted',
  failed: 'paymentFailed',
  cancelled: 'paymentUpdated',
} as const satisfies Record<PaymentChange['status'], Kind>;

/** POC-2's amounts are decimal numbers, and a party's reason of a failure is in no event. */
const paymentData = (payment: PaymentChange): Saying['data'] => {
  const { id: paymentId, payerId: userId, status } = payment;
  switch (status) {
    case 'pending':
      return { paymentId, userId, amount: Number(toDecimal(payment)), type: 'instant' };
    case 'completed':
      return { paymentId };
    case 'failed':
      return { paymentId, reason: 'payment_failed' };
    default:
      return { paymentId, status };
  }
};

export const sayPayment = (payment: PaymentChange): Saying => ({
  kind: paymentKinds[payment.status],
  entity: payment.id,
  version: payment.version,
  data: paymentData(payment),
});

export const sayUser = ({ id, email, role, status, version }: UserChange): Saying => {
  const about = { entity: id, version };
  if (status === 'deleted') return { kind: 'userDeleted', ...about, data: { userId: id } };
  const kind = version === 1 ? 'userRegistered' : 'userUpdated';
  return { kind, ...about, data: { userId: id, email, role } };
};

/** The message in each of the schemes that has a name for it: one text for each channel. */
export const messagesOf = (
  { kind, data }: Saying,
  schemes: readonly Scheme[],
  { id, at, requestId }: { id: string; at: Date; requestId: string | null },
): { channel: string; text: string }[] =>
  schemes.flatMap((scheme) => {
    const channel = CHANNELS[kind][scheme];
    if (channel === undefined) return [];
    const message = { id, type: channel, timestamp: at.toISOString(), source: OWN_SOURCE, data };
    return [
      { channel, text: JSON.stringify({ ...message, ...(requestId && { correlationId: requestId }) }) },
    ];
  });
