import { purgeOf } from '../../../broker/postgres/delete-in-batches.ts';
import type { Queryable } from '../../../broker/postgres/database.ts';

export type WebhookEvent = {
  id: string;
  createdAt: Date;
  type: string;
  /** The object at the time of the event, in Stripe's format. */
  object: object;
  requestId: string | null;
  idempotencyKey: string | null;
};

export type WebhookEventRow = {
  id: string;
  created_at: Date;
  type: string;
  object: object;
  request_id: string | null;
  idempotency_key: string | null;
  deliveries_left: number;
  attempts: number;
};

export const webhookEventOf = (row: WebhookEventRow): WebhookEvent => ({
  id: row.id,
  createdAt: row.created_at,
  type: row.type,
  object: row.object,
  requestId: row.request_id,
  idempotencyKey: row.idempotency_key,
});

/** A webhook event and its number of deliveries; 0 for none. */
export type NewWebhookEvent = WebhookEvent & { times: number };

export const insertWebhookEvents = async (
  tx: Queryable,
  events: NewWebhookEvent[],
  from: Date,
): Promise<void> => {
  await tx.query(
    `insert into webhook_events (
       id, created_at, type, object, request_id, idempotency_key, deliveries_left, next_attempt_at
     )
     select id, created_at, type, object, request_id, idempotency_key, times,
       case when times > 0 then $2::timestamptz end
     from jsonb_to_recordset($1::jsonb) as event (
       id text, created_at timestamptz, type text, object jsonb, request_id text, idempotency_key text,
       times int
     )`,
    [
      JSON.stringify(
        events.map((event) => ({
          id: event.id,
          created_at: event.createdAt,
          type: event.type,
          object: event.object,
          request_id: event.requestId,
          idempotency_key: event.idempotencyKey,
          times: event.times,
        })),
      ),
      from,
    ],
  );
};

export type DueWebhookEvent = WebhookEvent & { deliveriesLeft: number; attempts: number };

/** Claims due events for `leaseMs`; if this process dies they are due again. */
export const claimDueWebhookEvents = async (
  db: Queryable,
  { now, leaseMs, limit }: { now: Date; leaseMs: number; limit: number },
): Promise<DueWebhookEvent[]> => {
  const rows = await db.query<WebhookEventRow>(
    `update webhook_events set next_attempt_at = $2, attempts = attempts + 1
     where id in (
       select id from webhook_events where next_attempt_at <= $1
       order by next_attempt_at, seq limit $3 for update skip locked
     )
     returning id, created_at, type, object, request_id, idempotency_key, deliveries_left, attempts`,
    [now, new Date(now.getTime() + leaseMs), limit],
  );
  return rows.map((row) => ({
    ...webhookEventOf(row),
    deliveriesLeft: row.deliveries_left,
    attempts: row.attempts,
  }));
};

/** Counts one delivery of each; those with more to deliver are due at once. */
export const markDelivered = async (db: Queryable, ids: string[], now: Date): Promise<void> => {
  await db.query(
    `update webhook_events set deliveries_left = deliveries_left - 1, delivered_at = $2, last_error = null,
       next_attempt_at = case when deliveries_left > 1 then $2::timestamptz end
     where id = any ($1)`,
    [ids, now],
  );
};

/** `nextAttemptAt` null ends the attempts. */
export const markUndelivered = async (
  db: Queryable,
  { id, error, nextAttemptAt }: { id: string; error: string; nextAttemptAt: Date | null },
): Promise<void> => {
  await db.query('update webhook_events set last_error = $2, next_attempt_at = $3 where id = $1', [
    id,
    error,
    nextAttemptAt,
  ]);
};

/** In order of creation. */
export const readWebhookEvents = async (db: Queryable, ids: string[]): Promise<WebhookEvent[]> =>
  (
    await db.query<WebhookEventRow>('select * from webhook_events where id = any ($1) order by seq', [ids])
  ).map(webhookEventOf);

/** Deletes at most `limit` events that were created before the given time; returns how many. */
export const purgeWebhookEvents = purgeOf({ table: 'webhook_events', key: 'id', age: 'created_at' });
