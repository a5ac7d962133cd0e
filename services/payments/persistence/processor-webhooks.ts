import { purgeOf } from '../../../broker/postgres/delete-in-batches.ts';
import type { Queryable } from '../../../broker/postgres/database.ts';

/**
 * Stores a webhook by its id and makes its payment's charge due if that waits for the processor.
 * @returns whether a charge became due, whether it knows the webhook's PaymentIntent, and the payment's trace
 */
export const saveWebhook = async (
  db: Queryable,
  webhook: { id: string; type: string; paymentId: string | null; intentId: string | null },
  at: Date,
): Promise<{ isDue: boolean; isKnown: boolean; traceparent: string | null }> => {
  const [row] = await db.query<{ due: number; known: string | null; traceparent: string | null }>(
    `with saved as (
       insert into processor_webhooks (id, type, payment_id, received_at) values ($1, $2, $3, $4)
       on conflict do nothing returning payment_id
     ), woken as (
       update processor_operations o set next_attempt_at = $4 from saved
       where o.id = saved.payment_id || ':charge' and step = 'await' and claim is null
         and next_attempt_at > $4
       returning 1
     )
     select (select count(*)::int from woken) as due, charge.intent_id as known, charge.traceparent
     from (select) as always left join processor_operations charge on charge.id = $3 || ':charge'`,
    [webhook.id, webhook.type, webhook.paymentId, at],
  );
  const { due = 0, known, traceparent = null } = row ?? {};
  return { isDue: due > 0, isKnown: known === webhook.intentId, traceparent };
};

/** Deletes at most `limit` webhooks that were received before the given time. Returns how many. */
export const purgeWebhooks = purgeOf({ table: 'processor_webhooks', key: 'id', age: 'received_at' });
