import { newId } from '../../../../broker/process/ids.ts';
import { purgeOf } from '../../../../broker/postgres/delete-in-batches.ts';
import type { Queryable, Transaction } from '../../../../broker/postgres/database.ts';
import type { LockoutId } from '../../../../shared/contracts/ids.ts';
import type { Failures, Scope } from '../../domain/lockouts/lockout.ts';
import { pageOf, type Page, type Position } from '../paging.ts';

type FailureRow = Scope & Failures & { id: LockoutId };
export type LockoutRow = FailureRow & { kind: 'account' | 'address'; lockedUntil: Date };

const COLUMNS = `id, kind, subject, failures, last_failure_at as "lastFailureAt",
  locked_until as "lockedUntil"`;

/**
 * The failure counts of these scopes, locked in this order until the transaction ends; a scope without a row
 * gets one.
 */
export const lockFailures = (tx: Transaction, scopes: readonly Scope[], at: Date): Promise<FailureRow[]> =>
  // The update changes nothing: it locks and returns an existing row in the same statement as the insert.
  tx.query<FailureRow>(
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

/** Writes the failure counts of scopes that this transaction has locked. */
export const writeFailures = async (
  tx: Transaction,
  counted: readonly (Failures & { id: LockoutId })[],
): Promise<void> => {
  await tx.query(
    `update sign_in_failures f set
       failures = c.failures, last_failure_at = c.last_failure_at, locked_until = c.locked_until
     from unnest($1::text[], $2::float8[], $3::timestamptz[], $4::timestamptz[])
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

/** Undoes what one attempt has added to the failures, and the lockout that it has caused. */
export const undoFailure = async (
  tx: Transaction,
  { id, added, count: { lockedUntil } }: { id: LockoutId; added: number; count: Failures },
): Promise<void> => {
  await tx.query(
    `update sign_in_failures set failures = greatest(failures - $2::float8, 0),
       locked_until = nullif(locked_until, $3::timestamptz)
     where id = $1`,
    [id, added, lockedUntil],
  );
};

export const resetFailures = async (tx: Transaction, id: LockoutId): Promise<void> => {
  await tx.query('update sign_in_failures set failures = 0, locked_until = null where id = $1', [id]);
};

const LOCKED = `select ${COLUMNS} from sign_in_failures
  where kind in ('account', 'address') and locked_until > $1`;

/** The locked accounts and addresses, the longest lockout first. */
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

/** Deletes the failures of a locked account or address; null when it is not locked. */
export const deleteLockout = async (tx: Transaction, id: LockoutId, at: Date): Promise<LockoutRow | null> => {
  const [row] = await tx.query<LockoutRow>(
    `delete from sign_in_failures where id = $1 and kind in ('account', 'address') and locked_until > $2
     returning ${COLUMNS}`,
    [id, at],
  );
  return row ?? null;
};

/** The lockout of the account with this e-mail address; null when it is not locked. */
export const lockoutOfAccount = async (
  db: Queryable,
  email: string,
  at: Date,
): Promise<LockoutRow | null> => {
  const [row] = await db.query<LockoutRow>(
    `select ${COLUMNS} from sign_in_failures
     where kind = 'account' and subject = $1 and locked_until > $2`,
    [email.toLowerCase(), at],
  );
  return row ?? null;
};

/** Deletes the failures of the account with this e-mail address; null when it is not locked. */
export const deleteLockoutOfAccount = async (
  tx: Transaction,
  email: string,
  at: Date,
): Promise<LockoutRow | null> => {
  const lockout = await lockoutOfAccount(tx, email, at);
  return lockout && deleteLockout(tx, lockout.id, at);
};

/** Deletes at most `limit` scopes whose last failure is older than `before`; returns their number. */
export const purgeFailures = purgeOf({ table: 'sign_in_failures', key: 'id', age: 'last_failure_at' });
