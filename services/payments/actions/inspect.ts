import { AppError } from '../../../broker/calls/errors.ts';
import type { Handler } from '../../../broker/calls/implement.ts';
import type { payments } from '../../../shared/contracts/payments.ts';
import type { PaymentsService } from '../payments.ts';
import { readTimeline, toPayment } from '../persistence/payments.ts';
import { readInspection } from '../persistence/inspection.ts';

export const inspect: Handler<PaymentsService, typeof payments.actions.inspect> = async (service, call) => {
  const found = await readInspection(service.db, call.params.id);
  if (!found) throw new AppError('payment_not_found');
  const { payment, operations, postings, webhooks, idempotencyKey, unpublished } = found;
  return {
    ...toPayment(payment, payment.payer_id),
    timeline: await readTimeline(service.db, payment, payment.payer_id),
    operations: operations.map((operation) => ({
      kind: operation.operation_kind,
      step: operation.step,
      attempts: operation.attempts,
      nextAttemptAt: operation.next_attempt_at?.toISOString() ?? null,
      intentId: operation.intent_id,
      keys: operation.key_number,
      stuck: operation.stuck,
    })),
    idempotencyKey,
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
    unpublished,
  };
};
