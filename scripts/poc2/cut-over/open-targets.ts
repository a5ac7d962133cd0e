import { OPEN_SQL } from '../../../broker/postgres/closed.ts';
import type { Target } from '../copy/targets.ts';

/** The server's own number, which no dump takes along; null where the role may not know it. */
export const systemOf = async ({ client }: Pick<Target, 'client'>): Promise<string | null> => {
  const { rows: rights } = await client.query<{ may: boolean }>(
    "select has_function_privilege('pg_control_system()', 'execute') as may",
  );
  if (rights[0]?.may !== true) return null;
  const { rows } = await client.query<{ id: string }>(
    'select system_identifier::text as id from pg_control_system()',
  );
  return rows[0]?.id ?? null;
};

/**
 * Lets services into a database. What PostgreSQL's snapshot of this moment does not see, they have written.
 * Does nothing where it was done before.
 */
export const openTarget = async ({ client }: Target): Promise<void> => {
  const system = await systemOf({ client });
  await client.query('begin');
  await client.query(
    `update poc2_run set opened_at = now(), opening_snapshot = pg_current_snapshot()::text,
       opening_system = $1
     where opened_at is null`,
    [system],
  );
  await client.query(OPEN_SQL);
  await client.query('commit');
};
