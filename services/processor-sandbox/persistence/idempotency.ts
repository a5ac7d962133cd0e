import { purgeOf } from '../../../broker/postgres/delete-in-batches.ts';
import type { Queryable } from '../../../broker/postgres/database.ts';

export type Saved = { fingerprint: string; requestId: string; status: number; body: string };

/** Takes the key's lock until the transaction ends; false while another request holds it. */
export const lockKey = async (tx: Queryable, key: string): Promise<boolean> => {
  const [row] = await tx.query<{ locked: boolean }>(
    'select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as locked',
    [key],
  );
  return row?.locked === true;
};

export const readSaved = async (db: Queryable, key: string): Promise<Saved | null> => {
  const [row] = await db.query<{ fingerprint: string; request_id: string; status: number; body: string }>(
    'select fingerprint, request_id, status, body from idempotency_keys where key = $1',
    [key],
  );
  return row
    ? { fingerprint: row.fingerprint, requestId: row.request_id, status: row.status, body: row.body }
    : null;
};

export const save = async (tx: Queryable, key: string, saved: Saved, now: Date): Promise<void> => {
  await tx.query(
    `insert into idempotency_keys (key, created_at, fingerprint, request_id, status, body)
     values ($1, $2, $3, $4, $5, $6)`,
    [key, now, saved.fingerprint, saved.requestId, saved.status, saved.body],
  );
};

/** Deletes at most `limit` keys that were saved before the given time; returns how many. */
export const purgeKeys = purgeOf({ table: 'idempotency_keys', key: 'key', age: 'created_at' });
