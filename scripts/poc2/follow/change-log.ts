import type { Client } from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError } from '../../events/system.ts';
import { checkSchema, connectToSource, type SourceConnection } from '../copy/source.ts';
import { INSTALL, UNINSTALL, UNLOGGED } from './change-log-sql.ts';

/** What is known of the log that the source has. */
export type ChangeLog = {
  installedXid: string;
  installedAt: Date;
  fencedAt: Date | null;
  /** Since when Payloom may have taken writes. */
  openedAt: Date | null;
  /** The last transaction whose rows of the log were deleted. */
  deletedXid: string | null;
};

/** While a statement waits for its lock, all who write to the table wait behind it. */
const LOCK_MS = 500;
const PAUSE_MS = 500;
const TRIES = 40;

/** SQLSTATE. */
const LOCK_TIMEOUT = '55P03';
const DEADLOCK = '40P01';
const NO_RIGHT = '42501';
const READ_ONLY = '25006';

const codeOf = (error: unknown): string | undefined => (error as { code?: string }).code;

/** @throws UsageError for what an owner can mend */
const refuse = (name: string, error: unknown): never => {
  const { message } = error as Error;
  if (codeOf(error) === NO_RIGHT)
    throw new UsageError(
      `The login for ${name} may not do this: ${message}. ` +
        "It needs CREATE on the database and must own POC-2's tables.",
      { cause: error },
    );
  if (codeOf(error) === READ_ONLY)
    throw new UsageError(`${name} takes no writes (${message}): name the primary server.`, { cause: error });
  throw error;
};

/**
 * Runs statements that wait for locks, again and again while others hold one.
 * @param how.begin comes before each attempt
 * @param how.undo takes back an attempt that has failed
 * @throws UsageError when a lock is not to be had
 */
export const whileLocked = async (
  { name, client }: SourceConnection,
  { begin, undo }: { begin: string; undo: string },
  statements: readonly string[],
): Promise<void> => {
  for (let left = TRIES; ; left -= 1) {
    await client.query(`${begin}; set local lock_timeout = ${LOCK_MS}`);
    try {
      for (const statement of statements) await client.query(statement);
      return;
    } catch (error) {
      await client.query(undo).catch(() => undefined);
      if (codeOf(error) !== LOCK_TIMEOUT && codeOf(error) !== DEADLOCK) throw error;
      if (left <= 1)
        throw new UsageError(
          `A transaction of ${name} keeps a table locked: end it (pg_stat_activity), then run this again.`,
          { cause: error },
        );
      await sleep(PAUSE_MS);
    }
  }
};

/** Runs statements in one transaction, again and again while others hold a lock. */
export const inShortLocks = (source: SourceConnection, statements: readonly string[]): Promise<void> =>
  whileLocked(source, { begin: 'begin', undo: 'rollback' }, [...statements, 'commit']);

/** The log of this source; null without one. @throws UsageError when the login may not read it */
export const readChangeLog = async ({
  name,
  client,
}: Pick<SourceConnection, 'name' | 'client'>): Promise<ChangeLog | null> => {
  const { rows: schemas } = await client.query<{ readable: boolean }>(
    `select has_schema_privilege(oid, 'usage') as readable from pg_namespace where nspname = 'payloom_move'`,
  );
  if (schemas[0] === undefined) return null;
  if (!schemas[0].readable)
    throw new UsageError(`The login for ${name} may not read the change log: use the one that installed it.`);
  const { rows } = await client.query<ChangeLog>(
    `select installed_xid::text as "installedXid", installed_at as "installedAt", fenced_at as "fencedAt",
       opened_at as "openedAt", deleted_xid::text as "deletedXid"
     from payloom_move.state`,
  );
  return rows[0] ?? null;
};

/** @throws UsageError when changes of a table are not logged */
export const checkTriggers = async (client: Client, name: string): Promise<void> => {
  const { rows } = await client.query<{ table: string }>(UNLOGGED);
  if (rows[0])
    throw new UsageError(
      `The triggers of the change log are missing or disabled on ${rows[0].table} of ${name}: changes ` +
        'are lost. Uninstall, install, and copy once more (--start-over).',
    );
};

/** Whether a snapshot sees all that was deleted from the log. */
export const seesDeleted = async (client: Client, { deletedXid }: ChangeLog, snapshot: string) => {
  const { rows } = await client.query<{ sees: boolean }>(
    'select coalesce(pg_visible_in_snapshot($1::xid8, $2::pg_snapshot), true) as sees',
    [deletedXid, snapshot],
  );
  return rows[0]?.sees === true;
};

/** Whether all changes after a snapshot were logged. */
export const covers = async (client: Client, log: ChangeLog, snapshot: string): Promise<boolean> => {
  const { rows } = await client.query<{ covers: boolean }>(
    'select pg_visible_in_snapshot($1::xid8, $2::pg_snapshot) as covers',
    [log.installedXid, snapshot],
  );
  return rows[0]?.covers === true;
};

const withSource = async (url: string, run: (source: SourceConnection) => Promise<string>) => {
  const source = await connectToSource(url);
  try {
    return await run(source);
  } catch (error) {
    return refuse(source.name, error);
  } finally {
    await source.close();
  }
};

/**
 * Makes the change log in the source, unless it is there.
 * @returns what was done, for people
 * @throws UsageError
 */
export const installChangeLog = (url: string): Promise<string> =>
  withSource(url, async (source) => {
    const { name, client } = source;
    await checkSchema(client, name);
    const found = await readChangeLog(source);
    if (found) {
      await checkTriggers(client, name);
      return `The change log is there since ${found.installedAt.toISOString()}.`;
    }
    await inShortLocks(source, INSTALL);
    return `Changes of ${name} are logged from now on. Next: npm run poc2 -- copy`;
  });

/**
 * Removes the change log from the source.
 * @returns what was done, for people
 * @throws UsageError while the source takes no writes
 */
export const uninstallChangeLog = (url: string): Promise<string> =>
  withSource(url, async (source) => {
    const found = await readChangeLog(source);
    if (!found) return `${source.name} has no change log.`;
    if (found.fencedAt)
      throw new UsageError(
        'The source takes no writes since the cut-over: npm run poc2 -- finish or back-out removes the log.',
      );
    await inShortLocks(source, [UNINSTALL]);
    return `The change log of ${source.name} is removed.`;
  });
