// A database is closed while it has the table `closed`: its data is being put in by a command, and no service
// may read or write it. Its comment says why.
import { escapeLiteral } from 'pg';
import type { Logger } from '../process/logger.ts';
import type { Database, Queryable } from './database.ts';

const POLL_MS = 200;

/**
 * Statements that close a database.
 * @param why a sentence without a full stop, for the log
 */
export const closeSql = (why: string): readonly string[] => [
  'create table closed ()',
  `comment on table closed is ${escapeLiteral(why)}`,
];

export const OPEN_SQL = 'drop table if exists closed';

/** Why a database is closed; null when it is open. */
export const closedBecause = async (db: Pick<Queryable, 'query'>): Promise<string | null> => {
  const [row] = await db.query<{ why: string | null }>(
    `select coalesce(obj_description(oid, 'pg_class'), 'no reason is given') as why
     from pg_class where oid = to_regclass('public.closed')`,
  );
  return row?.why ?? null;
};

/** Resolves when the database is open. */
export const waitUntilOpen = async (db: Database, log: Logger): Promise<void> => {
  let why = await closedBecause(db);
  if (why === null) return;
  log.warn({ why }, 'the database is closed; the service waits until it is opened');
  while (why !== null) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    // A server that restarts meanwhile is no reason to end.
    why = await closedBecause(db).catch(() => why);
  }
  log.info('the database is open');
};
