import type { Queryable } from '../../../broker/postgres/database.ts';
import type { Charge, Refund } from '../domain/refund.ts';

export type ChargeRow = {
  id: string;
  created_at: Date;
  payment_intent: string;
  amount: string;
  amount_refunded: string;
  currency: string;
  payment_method: string;
  description: string | null;
  metadata: Record<string, string>;
};

export const chargeOf = (row: ChargeRow): Charge => ({
  id: row.id,
  createdAt: row.created_at,
  paymentIntent: row.payment_intent,
  amount: Number(row.amount),
  amountRefunded: Number(row.amount_refunded),
  currency: row.currency,
  paymentMethod: row.payment_method,
  description: row.description,
  metadata: row.metadata,
});

export const insertCharge = async (tx: Queryable, charge: Charge): Promise<void> => {
  await tx.query(
    `insert into charges (
       id, created_at, payment_intent, amount, amount_refunded, currency, payment_method, description,
       metadata
     ) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      charge.id,
      charge.createdAt,
      charge.paymentIntent,
      charge.amount,
      charge.amountRefunded,
      charge.currency,
      charge.paymentMethod,
      charge.description,
      JSON.stringify(charge.metadata),
    ],
  );
};

/** The charge with this id or of this PaymentIntent, locked until the transaction ends. */
export const lockCharge = async (tx: Queryable, chargeOrIntentId: string): Promise<Charge | null> => {
  const rows = await tx.query<ChargeRow>(
    'select * from charges where id = $1 or payment_intent = $1 for update',
    [chargeOrIntentId],
  );
  return rows[0] ? chargeOf(rows[0]) : null;
};

export type RefundRow = {
  id: string;
  created_at: Date;
  charge: string;
  payment_intent: string;
  amount: string;
  currency: string;
  reason: string | null;
  metadata: Record<string, string>;
  status: Refund['status'];
  settles_at: Date | null;
};

export const refundOf = (row: RefundRow): Refund => ({
  id: row.id,
  createdAt: row.created_at,
  charge: row.charge,
  paymentIntent: row.payment_intent,
  amount: Number(row.amount),
  currency: row.currency,
  reason: row.reason,
  metadata: row.metadata,
  status: row.status,
  settlesAt: row.settles_at,
});

/** Stores a refund and updates its charge; a failed refund gives nothing back. */
export const insertRefund = async (tx: Queryable, refund: Refund): Promise<void> => {
  if (refund.status !== 'failed') {
    await tx.query('update charges set amount_refunded = amount_refunded + $2 where id = $1', [
      refund.charge,
      refund.amount,
    ]);
  }
  await tx.query(
    `insert into refunds (id, created_at, charge, payment_intent, amount, currency, reason, metadata, status,
       settles_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      refund.id,
      refund.createdAt,
      refund.charge,
      refund.paymentIntent,
      refund.amount,
      refund.currency,
      refund.reason,
      JSON.stringify(refund.metadata),
      refund.status,
      refund.settlesAt,
    ],
  );
};
