import type { Transaction } from '../../broker/postgres/database.ts';
import { countPayment } from '../../broker/telemetry/metrics.ts';
import { payments, type PaymentStatus } from '../../shared/contracts/payments.ts';
import { postingsFor } from './domain/ledger.ts';
import { after, stepAfter, type PaymentEvent } from './domain/payment.ts';
import type { PaymentsRoom } from './payments-room.ts';
import { saveChange, type PaymentRow } from './persistence/payments.ts';

export type ChangeDetails = {
  note: string | null;
  failure?: { code: string; message: string };
  intentId?: string | null;
};

const FACTS = {
  pending: payments.facts.created,
  processing: payments.facts.processing,
  completed: payments.facts.completed,
  failed: payments.facts.failed,
  cancelled: payments.facts.cancelled,
} as const satisfies Record<PaymentStatus, object>;

/**
 * The one door through which a payment changes its status: row, event, postings and fact in the caller's
 * transaction, on a row that it has locked.
 * @returns false when a payment in this status does not take this event; nothing is written then
 */
export const change = async (
  room: PaymentsRoom,
  tx: Transaction,
  row: PaymentRow,
  event: PaymentEvent,
  { note, failure, intentId }: ChangeDetails,
): Promise<boolean> => {
  const status = after(row.status, event);
  if (!status) return false;
  const at = room.clock.now();
  const money = { amountMinor: Number(row.amount_minor), currency: row.currency };
  const processorAsked = row.attempts > 0 || row.intent_id !== null;
  const version = await saveChange(tx, row, {
    status,
    step: stepAfter(status, processorAsked),
    note,
    failure: failure ?? null,
    intentId: intentId ?? null,
    postings: postingsFor(status, money, row.payee_id),
    at,
  });
  await room.outbox.add(tx, FACTS[status], {
    id: row.id,
    payerId: row.payer_id,
    payeeId: row.payee_id,
    ...money,
    status,
    version,
    at: at.toISOString(),
  });
  tx.afterCommit(() => {
    countPayment(status, row.currency);
    room.state.driver.wake();
  });
  return true;
};
