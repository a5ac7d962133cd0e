import type { Queryable } from '../../../broker/postgres/database.ts';
import type { Intent } from '../domain/payment-intent.ts';

export type IntentRow = {
  id: string;
  created_at: Date;
  status: Intent['status'];
  amount: string;
  amount_received: string;
  currency: string;
  capture_method: Intent['captureMethod'];
  payment_method: string | null;
  description: string | null;
  metadata: Record<string, string>;
  last_payment_error: Intent['lastPaymentError'];
  latest_charge: string | null;
  canceled_at: Date | null;
  cancellation_reason: string | null;
  settles_at: Date | null;
};

export const intentOf = (row: IntentRow): Intent => ({
  id: row.id,
  createdAt: row.created_at,
  status: row.status,
  amount: Number(row.amount),
  amountReceived: Number(row.amount_received),
  currency: row.currency,
  captureMethod: row.capture_method,
  paymentMethod: row.payment_method,
  description: row.description,
  metadata: row.metadata,
  lastPaymentError: row.last_payment_error,
  latestCharge: row.latest_charge,
  canceledAt: row.canceled_at,
  cancellationReason: row.cancellation_reason,
  settlesAt: row.settles_at,
});

const INSERT = `
  insert into payment_intents (
    id, created_at, status, amount, amount_received, currency, capture_method, payment_method, description,
    metadata, last_payment_error, latest_charge, canceled_at, cancellation_reason, settles_at
  ) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`;

const UPDATE = `
  update payment_intents set status = $2, amount_received = $3, payment_method = $4, last_payment_error = $5,
    latest_charge = $6, canceled_at = $7, cancellation_reason = $8, settles_at = $9
  where id = $1`;

const jsonOrNull = (value: object | null): string | null => (value === null ? null : JSON.stringify(value));

export const insertIntent = async (tx: Queryable, intent: Intent): Promise<void> => {
  await tx.query(INSERT, [
    intent.id,
    intent.createdAt,
    intent.status,
    intent.amount,
    intent.amountReceived,
    intent.currency,
    intent.captureMethod,
    intent.paymentMethod,
    intent.description,
    JSON.stringify(intent.metadata),
    jsonOrNull(intent.lastPaymentError),
    intent.latestCharge,
    intent.canceledAt,
    intent.cancellationReason,
    intent.settlesAt,
  ]);
};

export const updateIntent = async (tx: Queryable, intent: Intent): Promise<void> => {
  await tx.query(UPDATE, [
    intent.id,
    intent.status,
    intent.amountReceived,
    intent.paymentMethod,
    jsonOrNull(intent.lastPaymentError),
    intent.latestCharge,
    intent.canceledAt,
    intent.cancellationReason,
    intent.settlesAt,
  ]);
};

const first = (rows: IntentRow[]): Intent | null => (rows[0] ? intentOf(rows[0]) : null);

export const readIntent = async (db: Queryable, id: string): Promise<Intent | null> =>
  first(await db.query<IntentRow>('select * from payment_intents where id = $1', [id]));

/** Reads a PaymentIntent and locks it until the transaction ends. */
export const lockIntent = async (tx: Queryable, id: string): Promise<Intent | null> =>
  first(await tx.query<IntentRow>('select * from payment_intents where id = $1 for update', [id]));

/** Locks one PaymentIntent whose bank's answer is due. */
export const lockSettling = async (tx: Queryable, now: Date): Promise<Intent | null> =>
  first(
    await tx.query<IntentRow>(
      `select * from payment_intents where settles_at <= $1
       order by settles_at limit 1 for update skip locked`,
      [now],
    ),
  );
