import type { Currency } from '../../../shared/contracts/currencies.ts';
import { fits, toDecimalText, type NumericColumn } from './amounts.ts';
import type { OldIds } from './old-ids.ts';
import { transactionsOf, type Reached } from './payment-transactions.ts';
import { insert, mappedIn, update, type Cells, type Problem, type Was, type Write } from './writes.ts';

/** A payment, with what the processor calls it and its timeline after the creation. */
export type PaymentNow = {
  id: string;
  old_id: string;
  kind: string;
  payer_id: string;
  payee_id: string;
  amount_minor: string;
  currency: Currency;
  status: string;
  description: string | null;
  /** JSON. */
  metadata: string;
  failure_code: string | null;
  intent_id: string | null;
  created_at: string;
  updated_at: string;
  history: Reached[];
  postings: string;
};

export type PaymentContext = {
  oldIds: OldIds;
  amount: NumericColumn;
  /** Ids of users who do not go back. */
  left: ReadonlySet<string>;
};

/** Why a payment cannot go back, with a way out. */
export const paymentProblem = (now: PaymentNow, { amount, left }: PaymentContext): Problem | null => {
  const { id, amount_minor: minor, currency, payer_id: payer, payee_id: payee } = now;
  const stays = [payer, payee].find((one) => left.has(one));
  if (stays) return { id, detail: `its party ${stays} does not go back; --leave ${id} leaves it behind too` };
  const decimal = toDecimalText(minor, currency);
  if (fits(decimal, amount)) return null;
  const { precision, scale } = amount;
  const wide = 'alter table payments alter amount type numeric(15, 3)';
  return {
    id,
    detail:
      `${decimal} ${currency} does not fit POC-2's amount numeric(${precision}, ${scale}): ` +
      `widen that (${wide}), or leave the payment behind (--leave ${id})`,
  };
};

const completedAt = ({ history }: PaymentNow): string | null =>
  history.findLast(({ status }) => status === 'completed')?.at ?? null;

const metadataOf = ({ metadata }: PaymentNow): string | null => (metadata === '{}' ? null : metadata);

const isSameJson = (one: string, other: string): boolean =>
  one === other || JSON.stringify(JSON.parse(one)) === JSON.stringify(JSON.parse(other));

const born = (now: PaymentNow, { oldIds }: PaymentContext): Write[] => {
  const { old_id: id, intent_id: intentId, created_at: at } = now;
  const first: Reached = { version: 1, status: 'pending', reason: null, at };
  return [
    insert('payments', id, {
      sender_id: oldIds(now.payer_id),
      recipient_id: oldIds(now.payee_id),
      amount: toDecimalText(now.amount_minor, now.currency),
      currency: now.currency,
      status: now.status,
      type: now.kind,
      description: now.description,
      metadata: metadataOf(now),
      psp_transaction_id: intentId,
      failure_reason: now.failure_code,
      completed_at: completedAt(now),
      created_at: at,
      updated_at: now.updated_at,
    }),
    ...transactionsOf(id, [first, ...now.history], intentId),
  ];
};

/** The columns that are other ones by now than what the mapping makes of POC-2's row. */
const changesOf = (now: PaymentNow, was: Was): Cells => {
  const mapped = mappedIn(was, 'payments') ?? {};
  const differs = (column: keyof PaymentNow & string) => mapped[column] !== now[column];
  const hasIntent = now.intent_id === null || now.intent_id === was.row['psp_transaction_id'];
  return {
    ...((String(mapped['amount_minor']) !== now.amount_minor || differs('currency')) && {
      amount: toDecimalText(now.amount_minor, now.currency),
      currency: now.currency,
    }),
    ...(differs('status') && { status: now.status, completed_at: completedAt(now) }),
    ...(differs('kind') && { type: now.kind }),
    ...(differs('description') && { description: now.description }),
    ...(!isSameJson(String(mapped['metadata'] ?? '{}'), now.metadata) && { metadata: metadataOf(now) }),
    ...(differs('failure_code') && { failure_reason: now.failure_code }),
    ...(!hasIntent && { psp_transaction_id: now.intent_id }),
    ...(differs('updated_at') && { updated_at: now.updated_at }),
  };
};

/** What becomes of a payment in POC-2, with its transactions. `psp_status` and texts of POC-2 stay. */
export const paymentBack = (now: PaymentNow, was: Was | null, context: PaymentContext): Write[] => {
  if (was === null) return born(now, context);
  const known = was.rows
    .filter(({ table }) => table === 'payment_history')
    .map(({ values }) => Number(values['version']));
  const added = now.history.filter(({ version }) => !known.includes(version));
  const { old_id: id } = now;
  return [...update('payments', id, changesOf(now, was)), ...transactionsOf(id, added, now.intent_id)];
};
