import type { Queryable } from '../../../broker/postgres/database.ts';
import type { PaymentId } from '../../../shared/contracts/ids.ts';
import type { ResultOf } from '../../../shared/contracts/contract.ts';
import type { Currency } from '../../../shared/contracts/currencies.ts';
import type { payments } from '../../../shared/contracts/payments.ts';
import { OPERATION_COLUMNS, type Operation } from './operations.ts';
import { JOIN_PARTIES, WITH_PARTIES, type PaymentRow, type PaymentWithParties } from './payments.ts';

type OperationRow = Omit<Operation, keyof PaymentRow> & { next_attempt_at: Date | null };
type PostingRow = {
  at: Date;
  movement: string;
  account: string;
  owner_id: string | null;
  currency: Currency;
  amount_minor: string;
};
type WebhookRow = { id: string; type: string; received_at: Date };

export type PaymentInspection = {
  payment: PaymentWithParties;
  operations: OperationRow[];
  postings: PostingRow[];
  webhooks: WebhookRow[];
  idempotencyKey: string | null;
  unpublished: string[];
};

/** All rows of a payment, without a check of the viewer. */
export const readInspection = async (db: Queryable, id: PaymentId): Promise<PaymentInspection | null> => {
  const [payment] = await db.query<PaymentWithParties>(
    `select ${WITH_PARTIES} from payments p ${JOIN_PARTIES} where p.id = $1`,
    [id],
  );
  if (!payment) return null;
  const operations = await db.query<OperationRow>(
    `select ${OPERATION_COLUMNS}, next_attempt_at from processor_operations o where payment_id = $1
     order by o.id`,
    [id],
  );
  const postings = await db.query<PostingRow>(
    `select at, movement, account, owner_id, currency, amount_minor from postings where payment_id = $1
     order by at, movement, account`,
    [id],
  );
  const webhooks = await db.query<WebhookRow>(
    'select id, type, received_at from processor_webhooks where payment_id = $1 order by received_at',
    [id],
  );
  const [key] = await db.query<{ key: string }>(
    `select key from idempotency_keys where caller_id = $1 and created_at = $2
       and response::json ->> 'id' = $3`,
    [payment.payer_id, payment.created_at, id],
  );
  const unpublished = await db.query<{ event: string }>(
    `select event from outbox where payload::json ->> 'id' = $1 order by seq`,
    [id],
  );
  return {
    payment,
    operations,
    postings,
    webhooks,
    idempotencyKey: key?.key ?? null,
    unpublished: unpublished.map((row) => row.event),
  };
};

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

/** What the ledger and the processor have of a payment, as the contract says it. */
export const toRecords = ({
  operations,
  postings,
  webhooks,
}: PaymentInspection): ResultOf<typeof payments.actions.records> => ({
  operations: operations.map((operation) => ({
    kind: operation.operation_kind,
    step: operation.step,
    attempts: operation.attempts,
    nextAttemptAt: iso(operation.next_attempt_at),
    intentId: operation.intent_id,
    keys: operation.key_number,
    stuck: operation.stuck,
  })),
  postings: postings.map((posting) => ({
    at: posting.at.toISOString(),
    movement: posting.movement,
    account: posting.account,
    ownerId: posting.owner_id,
    currency: posting.currency,
    amountMinor: Number(posting.amount_minor),
  })),
  webhooks: webhooks.map(({ id, type, received_at: receivedAt }) => ({
    id,
    type,
    receivedAt: receivedAt.toISOString(),
  })),
});
