import { Client } from 'pg';
import type { System } from './system.ts';

/** A session of ours that holds locks until it is let go. */
export type Hold = { client: Client; letGo(): Promise<void> };

/** Opens a transaction on the payments database and runs statements in it, which lock something. */
export const hold = async (system: System, ...statements: readonly [string, unknown[]?][]): Promise<Hold> => {
  const client = new Client({ connectionString: system.env['PAYMENTS_DATABASE_URL'] });
  client.on('error', () => undefined);
  await client.connect();
  await client.query('begin');
  for (const [sql, values] of statements) await client.query(sql, values);
  return {
    client,
    letGo: async () => {
      await client.query('rollback').catch(() => undefined);
      await client.end().catch(() => undefined);
    },
  };
};

/**
 * Makes requests with these keys stand inside the transaction that opens the payment, before its commit: the
 * key's row is being written by somebody else.
 */
export const holdKeys = async (system: System, keys: readonly string[]): Promise<Hold> =>
  hold(system, [
    `insert into idempotency_keys (caller_id, key, body_hash, response, created_at)
     select p.id, key, '', '{}', now() from unnest($1::text[]) as key, parties p
     where p.email = 'customer@example.com'`,
    [[...keys]],
  ]);

/** How many sessions of the payments service wait for a lock. */
export const countWaiting = async (system: System): Promise<number> => {
  const db = system.database('payments');
  const { rows } = await db.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return rows[0]?.count ?? 0;
};
