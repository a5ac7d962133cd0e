import { Client } from 'pg';
import type { System } from './system.ts';

/** A database session that holds locks until it is released. */
export type Hold = { client: Client; release(): Promise<void> };

/** Opens a transaction on the payments database and runs statements that lock something. */
export const holdLock = async (
  system: System,
  ...statements: readonly [string, unknown[]?][]
): Promise<Hold> => {
  const client = new Client({ connectionString: system.env['PAYMENTS_DATABASE_URL'] });
  client.on('error', () => undefined);
  await client.connect();
  await client.query('begin');
  for (const [sql, values] of statements) await client.query(sql, values);
  return {
    client,
    release: async () => {
      await client.query('rollback').catch(() => undefined);
      await client.end().catch(() => undefined);
    },
  };
};

/**
 * Blocks requests with these keys inside the transaction that opens the payment: an uncommitted transaction
 * has inserted the same idempotency keys.
 */
export const lockKeys = async (system: System, keys: readonly string[]): Promise<Hold> =>
  holdLock(system, [
    `insert into idempotency_keys (caller_id, key, body_hash, response, created_at)
     select p.id, key, '', '{}', now() from unnest($1::text[]) as key, parties p
     where p.email = 'customer@example.com'`,
    [[...keys]],
  ]);

/** The number of sessions of the payments service that wait for a lock. */
export const countLockWaits = async (system: System): Promise<number> => {
  const db = system.database('payments');
  const { rows } = await db.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return rows[0]?.count ?? 0;
};
