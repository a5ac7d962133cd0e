import type { Queryable } from '../../../broker/postgres/database.ts';
import type { Step } from '../domain/payment.ts';
import type { PaymentRow } from './payments.ts';

/**
 * Claims payments that are due. A claim is a lease: if the process dies, the payment is due again after
 * `leaseMs`.
 */
export const claimDue = (
  db: Queryable,
  claim: { token: string; now: Date; leaseMs: number; limit: number },
): Promise<PaymentRow[]> =>
  db.query<PaymentRow>(
    `update payments set claim = $1, attempts = attempts + 1, next_attempt_at = $3
     where id in (
       select id from payments where next_attempt_at <= $2
       order by next_attempt_at limit $4 for update skip locked
     ) returning *`,
    [claim.token, claim.now, new Date(claim.now.getTime() + claim.leaseMs), claim.limit],
  );

/**
 * Ends a claim without a new status and schedules the next step. Does nothing when the claim is no longer
 * held.
 */
export const releaseClaim = async (
  db: Queryable,
  row: PaymentRow,
  next: { step: Step; at: Date | null; intentId: string | null; keyTry?: number },
): Promise<void> => {
  await db.query(
    `update payments set step = $3, next_attempt_at = $4, claim = null, intent_id = coalesce($5, intent_id),
       key_try = $6
     where id = $1 and claim = $2`,
    [row.id, row.claim, next.step, next.at, next.intentId, next.keyTry ?? row.key_try],
  );
};
