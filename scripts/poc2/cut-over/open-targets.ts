import { OPEN_SQL } from '../../../broker/postgres/closed.ts';
import type { Target } from '../copy/targets.ts';

/**
 * Lets services into a database. What PostgreSQL's snapshot of this moment does not see, they have written.
 * Does nothing where it was done before.
 */
export const openTarget = async ({ client }: Target): Promise<void> => {
  await client.query('begin');
  await client.query(
    `update poc2_run set opened_at = now(), opening_snapshot = pg_current_snapshot()::text
     where opened_at is null`,
  );
  await client.query(OPEN_SQL);
  await client.query('commit');
};
