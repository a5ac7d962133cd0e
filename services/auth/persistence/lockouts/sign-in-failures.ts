import { newId } from '../../../../broker/process/ids.ts';
import type { Queryable, Transaction } from '../../../../broker/postgres/database.ts';
import type { LockoutId } from '../../../../shared/contracts/ids.ts';
import type { Failures, Scope } from '../../domain/lockouts/lockout.ts';
import { pageOf, type Page, type Position } from '../paging.ts';

export type CountedScope = Scope & Failures & { id: LockoutId };
export type LockoutRow = CountedScope & { kind: 'account' | 'address'; lockedUntil: Date };

const COLUMNS = `id, kind, subject, failures, last_failure_at as "lastFailureAt",
  locked_until as "lockedUntil"`;

/**
 * What is counted of these scopes, locked in their order until the transaction ends; a scope that has no row
 * gets one.
 */
export const lockFailures = (tx: Transaction, scopes: readonly Scope[], at: Date): Promise<CountedScope[]> =>
  // The update changes nothing: it locks a row and answers it, in one statement with the insert.
  tx.query<CountedScope>(
    `insert into sign_in_failures (id, kind, subject, failures, last_failure_at)
     select id, kind, subject, 0, $4
     from unnest($1::text[], $2::text[], $3::text[]) with ordinality as scope (id, kind, subject, position)
     order by position
     on conflict (kind, subject) do update set kind = excluded.kind returning ${COLUMNS}`,
    [
      scopes.map(() => newId('lockout', at.getTime())),
      scopes.map(({ kind }) => kind),
      scopes.map(({ subject }) => subject),
      at,
    ],
  );

/** Writes what is counted of scopes that this transaction has locked. */
export const writeFailures = async (
  tx: Transaction,
  counted: readonly (Failures & { id: LockoutId })[],
): Promise<void> => {
  await tx.query(
    `update sign_in_failures f set
       failures = c.failures, last_failure_at = c.last_failure_at, locked_until = c.locked_until
     from unnest($1::text[], $2::int[], $3::timestamptz[], $4::timestamptz[])
       as c (id, failures, last_failure_at, locked_until)
     where f.id = c.id`,
    [
      counted.map(({ id }) => id),
      counted.map(({ failures }) => failures),
      counted.map(({ lastFailureAt }) => lastFailureAt),
      counted.map(({ lockedUntil }) => lockedUntil),
    ],
  );
};

/**
 * Takes back one failure that was counted at `at`, and the lockout that it made; the last failure is again
 * the one before.
 */
export const takeBackFailure = async (
  tx: Transaction,
  { id, at, before }: { id: LockoutId; at: Date; before: Date },
): Promise<void> => {
  await tx.query(
    `update sign_in_failures set failures = greatest(failures - 1, 0), locked_until = null,
       last_failure_at = case when last_failure_at = $2 then $3 else last_failure_at end
     where id = $1`,
    [id, at, before],
  );
};

export const clearFailures = async (tx: Transaction, id: LockoutId): Promise<void> => {
  await tx.query('update sign_in_failures set failures = 0, locked_until = null where id = $1', [id]);
};

const LOCKED = `select ${COLUMNS} from sign_in_failures where kind <> 'device' and locked_until > $1`;

/** Accounts and addresses that are locked, those locked longest first. */
export const listLockouts = async (
  db: Queryable,
  at: Date,
  { limit, after }: { limit: number; after: Position | null },
): Promise<Page<LockoutRow>> => {
  const order = 'order by locked_until desc, id desc limit $2';
  const rows = after
    ? await db.query<LockoutRow>(`${LOCKED} and (locked_until, id) < ($3, $4) ${order}`, [
        at,
        limit + 1,
        after.at,
        after.id,
      ])
    : await db.query<LockoutRow>(`${LOCKED} ${order}`, [at, limit + 1]);
  return pageOf(rows, limit, ({ lockedUntil, id }) => ({ at: lockedUntil, id }));
};

/** Forgets the failures of an account or address that is locked; null when it is not. */
export const liftLocked = async (tx: Transaction, id: LockoutId, at: Date): Promise<LockoutRow | null> => {
  const [row] = await tx.query<LockoutRow>(
    `delete from sign_in_failures where id = $1 and kind <> 'device' and locked_until > $2
     returning ${COLUMNS}`,
    [id, at],
  );
  return row ?? null;
};

/** Forgets scopes whose last failure is older than `before`; says how many, `limit` at most. */
export const purgeFailures = async (db: Queryable, before: Date, limit: number): Promise<number> => {
  const gone = await db.query(
    `delete from sign_in_failures where id in (
       select id from sign_in_failures where last_failure_at < $1 limit $2 for update skip locked
     ) returning 1`,
    [before, limit],
  );
  return gone.length;
};
