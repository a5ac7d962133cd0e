import { escapeLiteral, type Client } from 'pg';
import { WRITTEN_BEFORE } from '../copy/snapshot.ts';

/**
 * The rows of a table that were written since a snapshot, as a table to select from.
 * @param snapshot of the moment at which services were let in
 */
export const changedIn = (table: string, snapshot: string): string => {
  const isOld = WRITTEN_BEFORE.replaceAll('$1', escapeLiteral(snapshot)).replaceAll(
    '$2',
    'pg_current_snapshot()::text',
  );
  return `(select * from ${table} where not ${isOld})`;
};

const BATCH = 1_000;
let cursors = 0;

/** The rows of a select in batches. Within a transaction; other statements may come between. */
export async function* inBatches<R>(client: Client, select: string): AsyncGenerator<R[]> {
  cursors += 1;
  const name = `payloom_back_${cursors}`;
  await client.query(`declare ${name} no scroll cursor for ${select}`);
  for (;;) {
    const { rows } = await client.query(`fetch ${BATCH} from ${name}`);
    if (rows.length === 0) break;
    yield rows as R[];
  }
  await client.query(`close ${name}`);
}
