import { countPayment } from './metrics.ts';
import { payments, type PaymentStatus } from '../../shared/contracts/payments.ts';
import { postingsFor } from './domain/ledger.ts';
import { after, stepAfter, type PaymentTransition } from './domain/payment.ts';
import type { PaymentsService } from './payments.ts';
import type { PaymentRow } from './persistence/payments.ts';
import { saveChange } from './persistence/save-change.ts';

export type ChangeDetails = {
  note: string | null;
  failure?: { code: string; message: string };
  intentId?: string | null;
  /** For whoever drives the payment and goes on with its next step at once: until when. */
  claimedUntil?: Date;
};

const EVENTS = {
  pending: payments.events.created,
  processing: payments.events.processing,
  completed: payments.events.completed,
  failed: payments.events.failed,
  cancelled: payments.events.cancelled,
} as const satisfies Record<PaymentStatus, object>;

/**
 * The one door through which a payment changes its status: row, transition, postings and event in one
 * transaction.
 * @param row as it was read
 * @returns the row as it is now; null when its status takes no such transition, or when somebody else has
 * moved,
 *   claimed or released it since: nothing is written then
 */
export const change = async (
  service: PaymentsService,
  row: PaymentRow,
  transition: PaymentTransition,
  { note, failure, intentId, claimedUntil }: ChangeDetails,
): Promise<PaymentRow | null> => {
  const status = after(row.status, transition);
  if (!status) return null;
  const at = service.clock.now();
  const money = { amountMinor: Number(row.amount_minor), currency: row.currency };
  const processorAsked = row.attempts > 0 || row.intent_id !== null;
  const changed = await saveChange(service.db, row, {
    status,
    step: stepAfter(status, processorAsked),
    note,
    failure: failure ?? null,
    intentId: intentId ?? null,
    claimedUntil: claimedUntil ?? null,
    postings: postingsFor(status, money, row.payee_id),
    event: service.outbox.row(EVENTS[status], {
      id: row.id,
      payerId: row.payer_id,
      payeeId: row.payee_id,
      ...money,
      status,
      version: row.version + 1,
      at: at.toISOString(),
    }),
    at,
  });
  if (!changed) return null;
  service.outbox.wake();
  countPayment(status, row.currency);
  return changed;
};
