import { idOf, uuidIn } from '../mapping/ids.ts';
import { insert, type Write } from './writes.ts';

/** A status that a payment has reached. The first one is its creation, of version 1. */
export type Reached = { version: number; status: string; reason: string | null; at: string };

/** A row of POC-2 for each status. */
export const transactionsOf = (
  paymentId: string,
  reached: readonly Reached[],
  intentId: string | null,
): Write[] =>
  reached.map(({ version, status, reason, at }) => {
    const source = { table: 'payments', id: paymentId, part: `transaction:${version}` } as const;
    return insert('payment_transactions', uuidIn(idOf('event', source, Date.parse(at))), {
      payment_id: paymentId,
      status,
      status_message: reason,
      psp_transaction_id: status === 'pending' ? null : intentId,
      created_at: at,
    });
  });
