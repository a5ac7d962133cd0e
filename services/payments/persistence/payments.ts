import type { PaymentId, UserId } from '../../../shared/contracts/ids.ts';
import type { Currency } from '../../../shared/contracts/money.ts';
import type { Payment, PaymentStatus, TimelineEntry } from '../../../shared/contracts/payments.ts';
import type { Queryable, Transaction } from '../../../broker/postgres/database.ts';
import type { Posting } from '../domain/ledger.ts';
import type { Step } from '../domain/payment.ts';

/** A payment's row, joined with its parties where it is read for people. */
export type PaymentRow = {
  id: PaymentId;
  payer_id: UserId;
  payee_id: UserId;
  amount_minor: string;
  currency: Currency;
  status: PaymentStatus;
  payment_method: string;
  description: string | null;
  metadata: Record<string, string>;
  failure_code: string | null;
  failure_message: string | null;
  version: number;
  created_at: Date;
  updated_at: Date;
  step: Step;
  intent_id: string | null;
  attempts: number;
  key_try: number;
  claim: string | null;
};
export type PaymentWithParties = PaymentRow & {
  payer_name: string;
  payer_email: string;
  payee_name: string;
  payee_email: string;
};

export const WITH_PARTIES = `p.*, payer.name as payer_name, payer.email as payer_email,
  payee.name as payee_name, payee.email as payee_email`;
export const JOIN_PARTIES = `join parties payer on payer.id = p.payer_id
  join parties payee on payee.id = p.payee_id`;

/**
 * A row as the contract shows it. The payer's own notes and the bank's words about the payer's card stay
 * with the payer.
 */
export const toPayment = (row: PaymentWithParties, viewer: UserId): Payment => {
  const isPayer = viewer === row.payer_id;
  return {
    id: row.id,
    status: row.status,
    amountMinor: Number(row.amount_minor),
    currency: row.currency,
    payer: { id: row.payer_id, name: row.payer_name, email: row.payer_email },
    payee: { id: row.payee_id, name: row.payee_name, email: row.payee_email },
    paymentMethod: row.payment_method,
    description: row.description,
    metadata: isPayer ? row.metadata : {},
    failure:
      row.failure_code === null
        ? null
        : {
            code: isPayer ? row.failure_code : 'payment_failed',
            message: (isPayer && row.failure_message) || 'The payment did not go through.',
          },
    version: row.version,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
};

/** A payment that `viewer` may see: as payer or payee. */
export const findPayment = async (
  db: Queryable,
  id: PaymentId,
  viewer: UserId,
): Promise<PaymentWithParties | undefined> => {
  const [row] = await db.query<PaymentWithParties>(
    `select ${WITH_PARTIES} from payments p ${JOIN_PARTIES}
     where p.id = $1 and (p.payer_id = $2 or p.payee_id = $2)`,
    [id, viewer],
  );
  return row;
};

/** Locks a payment's row for the transaction; only for its payer when one is given. */
export const lockPayment = async (
  tx: Transaction,
  id: PaymentId,
  payer?: UserId,
): Promise<PaymentRow | undefined> => {
  const [row] = await tx.query<PaymentRow>(
    'select * from payments where id = $1 and ($2::text is null or payer_id = $2) for update',
    [id, payer ?? null],
  );
  return row;
};

/** Every status that the payment reached, oldest first; the first is its creation. */
export const readTimeline = async (
  db: Queryable,
  payment: Pick<PaymentRow, 'id' | 'created_at' | 'payer_id'>,
  viewer: UserId,
): Promise<TimelineEntry[]> => {
  const rows = await db.query<{ status: PaymentStatus; note: string | null; at: Date }>(
    'select status, note, at from payment_events where payment_id = $1 order by version',
    [payment.id],
  );
  const mayReadNote = (status: PaymentStatus) => status !== 'failed' || viewer === payment.payer_id;
  return [
    { at: payment.created_at.toISOString(), status: 'pending' as const, note: 'Payment created' },
    ...rows.map(({ at, status, note }) => ({
      at: at.toISOString(),
      status,
      note: mayReadNote(status) ? note : null,
    })),
  ];
};

export type Change = {
  status: PaymentStatus;
  step: Step;
  note: string | null;
  failure: { code: string; message: string } | null;
  intentId: string | null;
  postings: readonly Posting[];
  at: Date;
};

/** Writes a new status with its event and postings; the claim, if any, ends. Answers the new version. */
export const saveChange = async (tx: Transaction, row: PaymentRow, change: Change): Promise<number> => {
  const version = row.version + 1;
  const { status, step, note, failure, postings, at } = change;
  await tx.query(
    `update payments set status = $2, step = $3, version = $4, updated_at = $5, attempts = 0, key_try = 1,
       claim = null,
       intent_id = coalesce($6, intent_id), failure_code = $7, failure_message = $8,
       next_attempt_at = case when $3 = 'done' then null else $5::timestamptz end
     where id = $1`,
    [row.id, status, step, version, at, change.intentId, failure?.code ?? null, failure?.message ?? null],
  );
  await tx.query(
    'insert into payment_events (payment_id, version, status, note, at) values ($1, $2, $3, $4, $5)',
    [row.id, version, status, note, at],
  );
  for (const posting of postings) {
    await tx.query(
      `insert into postings (payment_id, movement, account, owner_id, currency, amount_minor, at)
       values ($1, $2, $3, $4, $5, $6, $7)`,
      [row.id, posting.movement, posting.account, posting.ownerId, posting.currency, posting.amountMinor, at],
    );
  }
  return version;
};
