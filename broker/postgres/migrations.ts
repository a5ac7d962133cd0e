import { setTimeout as sleep } from 'node:timers/promises';
import pRetry from 'p-retry';
import type { Clock } from '../process/clock.ts';
import type { Logger } from '../process/logger.ts';
import type { Database, Queryable } from './database.ts';
import {
  acceptNewer,
  concurrentIndexOf,
  readExecuted,
  readMigrations,
  splitSql,
  type Migration,
} from './migration-files.ts';

/** The advisory lock under which one process at a time migrates a database; the number is arbitrary. */
export const MIGRATION_LOCK = 7_041_862;

type MigrationLimits = {
  /**
   * How long a statement waits for a lock. Requests queue behind a waiting ALTER: it gives up before their
   * own lock limit (2.5 s, `database.ts`) ends them. It waits longer than PostgreSQL's `deadlock_timeout`
   * (1 s), after which an autovacuum yields its lock.
   */
  lockMs: number;
  /** The pause before the first retry, in which the waiting requests are served; it doubles up to 10 s. */
  pauseMs: number;
  /** How long a migration is retried, and how long a concurrent statement waits for older transactions. */
  patienceMs: number;
};

const LIMITS: MigrationLimits = { lockMs: 1_500, pauseMs: 1_000, patienceMs: 300_000 };
const PAUSE_MAX_MS = 10_000;
const LOCK_POLL_MS = 250;

const check = async (session: Queryable, name: string, when: 'before' | 'after', selects: string[]) => {
  for (const select of selects) {
    const rows = await session.query<object>(select);
    if (rows.length > 0) {
      throw new Error(
        `${name}: ${rows.length} rows break the check ${when} it, the first: ${JSON.stringify(rows[0])}`,
      );
    }
  }
};

/**
 * Takes the lock on migrations of this database, which the session holds until it ends. It polls: a statement
 * that waited would hold a snapshot, and an index that the other process builds concurrently waits for
 * snapshots.
 */
const lockMigrations = async (session: Queryable, log: Logger): Promise<void> => {
  for (let tries = 0; ; tries++) {
    const [row] = await session.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [
      MIGRATION_LOCK,
    ]);
    if (row?.locked) return;
    if (tries === 0) log.warn('another process migrates this database; this one waits until it has finished');
    await sleep(LOCK_POLL_MS);
  }
};

const setLockLimit = (session: Queryable, limitMs: number) =>
  session.query(`set lock_timeout = ${Math.ceil(limitMs)}`);

type Attempt = {
  session: Queryable;
  file: Migration;
  limits: MigrationLimits;
  record: () => Promise<unknown>;
};

const runInTransaction = async ({ session, file, limits, record }: Attempt): Promise<void> => {
  await setLockLimit(session, limits.lockMs);
  await session.query('begin');
  try {
    await check(session, file.name, 'before', file.before);
    for (const statement of splitSql(file.migrate)) await session.query(statement);
    await check(session, file.name, 'after', file.after);
    await record();
    await session.query('commit');
  } catch (error) {
    await session.query('rollback').catch(() => undefined);
    throw error;
  }
};

/** An index whose concurrent build failed or was cut off is never read, but every write maintains it. */
const dropInvalid = async (session: Queryable, index: string): Promise<void> => {
  const invalid = await session.query(
    'select from pg_index where indexrelid = to_regclass($1) and not indisvalid',
    [index],
  );
  if (invalid.length > 0) await session.query(`drop index concurrently ${index}`);
};

const buildIndex = async (session: Queryable, index: string, statement: string): Promise<void> => {
  await dropInvalid(session, index);
  try {
    await session.query(statement);
  } catch (error) {
    await dropInvalid(session, index).catch(() => undefined);
    throw error;
  }
};

const runStatementByStatement = async ({ session, file, limits, record }: Attempt): Promise<void> => {
  await check(session, file.name, 'before', file.before);
  for (const statement of splitSql(file.migrate)) {
    // No request queues behind a concurrent statement, so it may wait long.
    const isConcurrent = /^\w+\s+(unique\s+)?index\s+concurrently\b/i.test(statement);
    await setLockLimit(session, isConcurrent ? limits.patienceMs : limits.lockMs);
    const index = concurrentIndexOf(statement);
    await (index ? buildIndex(session, index, statement) : session.query(statement));
  }
  await check(session, file.name, 'after', file.after);
  await record();
};

const isLockConflict = (error: unknown): boolean =>
  ['55P03', '40P01'].includes((error as { code?: string }).code ?? '');

/** Runs `run` again, after a pause, when it did not get a lock in time or was the victim of a deadlock. */
const retried = async (name: string, run: () => Promise<void>, limits: MigrationLimits, log: Logger) => {
  try {
    await pRetry(run, {
      retries: Infinity,
      minTimeout: limits.pauseMs,
      maxTimeout: PAUSE_MAX_MS,
      maxRetryTime: limits.patienceMs,
      randomize: true,
      shouldRetry: ({ error }) => isLockConflict(error),
      onFailedAttempt: ({ error, attemptNumber, retryDelay }) => {
        if (!isLockConflict(error)) return;
        log.warn(
          { migration: name, attempt: attemptNumber, retryDelayMs: retryDelay, reason: error.message },
          'migration did not get a lock',
        );
      },
    });
  } catch (error) {
    if (!isLockConflict(error)) throw error;
    const seconds = Math.round(limits.patienceMs / 1_000);
    throw new Error(
      `${name} got no lock in ${seconds} s; end the transactions that hold it and run it again`,
      {
        cause: error,
      },
    );
  }
};

/** The table of migrations; the column was added later. */
const prepare = async (session: Queryable, limits: MigrationLimits): Promise<void> => {
  await setLockLimit(session, limits.lockMs);
  await session.query(
    `create table if not exists migrations
       (name text primary key, run_at timestamptz not null, compatible_with text)`,
  );
  await session.query('alter table migrations add column if not exists compatible_with text');
};

/**
 * Migrates a service's database: the broker's tables, then the service's, in the order of their names,
 * whichever have not run. One process migrates at a time, others wait. Each file runs with its checks in a
 * transaction of its own, or statement by statement where it says so, and is recorded when it has ended: a
 * run that is cut off is continued by the next one. A check is a SELECT of wrong rows: any row stops the
 * migration.
 * @param options.only the names of those that may run; by default all
 * @returns the names of those that ran
 * @throws Error when a check fails, when a lock was not free for five minutes, or when the database has a
 *   migration with which this program does not work
 */
export const migrate = async (
  db: Database,
  folder: URL,
  clock: Clock,
  log: Logger,
  options: { limits?: MigrationLimits; only?: readonly string[] } = {},
): Promise<string[]> => {
  const { limits = LIMITS, only } = options;
  const files = await readMigrations(folder);
  return db.session(async (session) => {
    await lockMigrations(session, log);
    await retried('the table of migrations', () => prepare(session, limits), limits, log);
    const executed = await readExecuted(session);
    const newer = acceptNewer(
      executed,
      files.map(({ name }) => name),
    );
    if (newer.length > 0) log.info({ newer }, 'the database is newer than this program and works with it');
    const pending = files.filter(
      ({ name }) => !executed.some((one) => one.name === name) && (only?.includes(name) ?? true),
    );
    for (const file of pending) {
      const { name, compatibleWith, inTransaction } = file;
      const record = () =>
        session.query('insert into migrations (name, run_at, compatible_with) values ($1, $2, $3)', [
          name,
          clock.now(),
          compatibleWith,
        ]);
      const run = inTransaction ? runInTransaction : runStatementByStatement;
      await retried(name, () => run({ session, file, limits, record }), limits, log);
      log.info({ migration: name }, 'migrated');
    }
    return pending.map(({ name }) => name);
  });
};
