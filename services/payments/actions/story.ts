import { AppError } from '../../../broker/errors.ts';
import type { Handler } from '../../../broker/implement.ts';
import type { payments } from '../../../shared/contracts/payments.ts';
import type { PaymentsRoom } from '../payments-room.ts';
import { readTimeline, toPayment } from '../persistence/payments.ts';
import { readStory } from '../persistence/story.ts';

export const story: Handler<PaymentsRoom, typeof payments.actions.story> = async (room, call) => {
  const found = await readStory(room.db, call.params.id);
  if (!found) throw new AppError('payment_not_found');
  const { payment, postings, webhooks, idempotencyKey, untold } = found;
  return {
    ...toPayment(payment, payment.payer_id),
    timeline: await readTimeline(room.db, payment, payment.payer_id),
    processing: {
      step: payment.step,
      attempts: payment.attempts,
      nextAttemptAt: payment.next_attempt_at?.toISOString() ?? null,
      intentId: payment.intent_id,
    },
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
    untold,
  };
};
