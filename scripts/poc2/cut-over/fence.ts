import type { Client } from 'pg';
import { UsageError } from '../../events/system.ts';

const TABLES: readonly string[] = [
  ...['users', 'refresh_tokens', 'payments', 'payment_transactions', 'audit_logs', 'system_config'],
  'user_profiles',
];

/** What clients of POC-2 read when they write. SQLSTATE 25006, read_only_sql_transaction. */
export const FENCED = 'POC-2 takes no more writes: its data has moved to Payloom';

/** The session that writes back may pass: `set payloom.back_out = 'on'`. */
const RAISE = `
  create or replace function payloom_move.refuse_write() returns trigger language plpgsql as $$
  begin
    if current_setting('payloom.back_out', true) = 'on' then return null; end if;
    raise exception '${FENCED}' using errcode = '25006';
  end $$`;

const LOCK_MS = 1_000;
const TRIES = 20;
const PAUSE_MS = 250;
const LOCK_TIMEOUT = '55P03';

/** Names the oldest transaction that writes, and so keeps the fence from being raised. */
const writerOf = async (client: Client): Promise<string> => {
  const { rows } = await client.query<{ pid: number; name: string; seconds: number }>(
    `select a.pid, a.application_name as name, extract(epoch from now() - a.xact_start)::int as seconds
     from pg_locks l join pg_stat_activity a on a.pid = l.pid
     where l.relation = any($1::text[]::regclass[]) and l.mode = 'RowExclusiveLock'
       and a.pid <> pg_backend_pid()
     order by a.xact_start limit 1`,
    [TABLES],
  );
  const [one] = rows;
  return one ? `, and the process ${one.pid} (${one.name || 'without name'}) has for ${one.seconds} s` : '';
};

/**
 * Locks all tables against writers, in a transaction that is left open. Each try keeps writers waiting for a
 * second at most.
 * @throws UsageError when a transaction goes on writing
 */
const lockTables = async (client: Client): Promise<void> => {
  for (let left = TRIES; ; left -= 1) {
    await client.query(`begin; set local lock_timeout = ${LOCK_MS}`);
    try {
      await client.query(`lock table ${TABLES.join(', ')} in share row exclusive mode`);
      return;
    } catch (error) {
      await client.query('rollback');
      if ((error as { code?: string }).code !== LOCK_TIMEOUT) throw error;
      if (left <= 1)
        throw new UsageError(
          `Transactions of POC-2 keep writing${await writerOf(client)}: end them, then run this again.`,
          { cause: error },
        );
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
};

const DROP = TABLES.map((table) => `drop trigger if exists payloom_fence on ${table}`).join('; ');

/**
 * From its commit on, each statement that writes fails with `FENCED`. Writers that are under way commit
 * before it.
 */
export const raiseFence = async (client: Client): Promise<void> => {
  await lockTables(client);
  await client.query(RAISE);
  for (const table of TABLES)
    await client.query(
      `create or replace trigger payloom_fence before insert or update or delete or truncate on ${table}
       for each statement execute function payloom_move.refuse_write()`,
    );
  await client.query('update payloom_move.state set fenced_at = coalesce(fenced_at, clock_timestamp())');
  await client.query('commit');
};

/** POC-2 takes writes again. */
export const liftFence = async (client: Client): Promise<void> => {
  await lockTables(client);
  await client.query(DROP);
  await client.query('update payloom_move.state set fenced_at = null');
  await client.query('commit');
};
