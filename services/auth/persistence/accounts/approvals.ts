import { purgeOf } from '../../../../broker/postgres/delete-in-batches.ts';
import type { Transaction } from '../../../../broker/postgres/database.ts';
import type { Id, UserId } from '../../../../shared/contracts/ids.ts';
import type { AskedAct } from '../../domain/accounts/four-eyes.ts';

export type ApprovalRow = AskedAct & {
  id: Id<'approval'>;
  requestedBy: UserId;
  reason: string;
  requestedAt: Date;
  expiresAt: Date;
};

export const APPROVAL_COLUMNS = `id, act, user_id as "userId", email, name, role, user_ids as "userIds",
  setting, requested_by as "requestedBy", reason, requested_at as "requestedAt", expires_at as "expiresAt"`;

/** Stores a request unless the same one is waiting; returns whether it was stored. */
export const insertApproval = async (tx: Transaction, row: ApprovalRow): Promise<boolean> => {
  // One that has expired is over: the same request can be made again.
  await tx.query(
    `update approvals set decided_at = expires_at
     where decided_at is null and expires_at <= $1`,
    [row.requestedAt],
  );
  const { id, act, userId, email, name, role, userIds, setting } = row;
  const json = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));
  const stored = await tx.query(
    `insert into approvals (id, act, user_id, email, name, role, user_ids, setting, requested_by, reason,
       requested_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict do nothing returning 1`,
    [
      ...[id, act, userId, email, name, role, json(userIds), json(setting)],
      ...[row.requestedBy, row.reason, row.requestedAt, row.expiresAt],
    ],
  );
  return stored.length > 0;
};

/** A request, locked until the transaction ends, and whether it waits. */
export const lockApproval = async (
  tx: Transaction,
  id: Id<'approval'>,
  at: Date,
): Promise<(ApprovalRow & { isOpen: boolean }) | null> => {
  const [row] = await tx.query<ApprovalRow & { isOpen: boolean }>(
    `select ${APPROVAL_COLUMNS}, decided_at is null and expires_at > $2 as "isOpen" from approvals
     where id = $1 for update`,
    [id, at],
  );
  return row ?? null;
};

type DecidedApproval = { id: Id<'approval'>; by: UserId; at: Date; isApproved: boolean };

/** Stores what became of a request that this transaction has locked. */
export const closeApproval = async (
  tx: Transaction,
  { id, by, at, isApproved }: DecidedApproval,
): Promise<void> => {
  await tx.query('update approvals set decided_by = $2, decided_at = $3, is_approved = $4 where id = $1', [
    id,
    by,
    at,
    isApproved,
  ]);
};

/** Stores that an administrator could use the account of a user. */
export const recordAccessGiven = async (
  tx: Transaction,
  { userId, by, at }: { userId: UserId; by: UserId; at: Date },
): Promise<void> => {
  await tx.query('update users set access_given_by = $2, access_given_at = $3 where id = $1', [
    userId,
    by,
    at,
  ]);
};

/** Whether an administrator could use the account of another one since a time, also through further ones. */
export const hadAccessTo = async (
  tx: Transaction,
  { userId, by, since }: { userId: UserId; by: UserId; since: Date },
): Promise<boolean> => {
  const rows = await tx.query(
    `with recursive givers (id) as (
       select access_given_by from users where id = $1 and access_given_at > $3
       union
       select u.access_given_by from givers g join users u on u.id = g.id where u.access_given_at > $3
     )
     select 1 from givers where id = $2`,
    [userId, by, since],
  );
  return rows.length > 0;
};

/** Deletes at most `limit` requests made before `before`; returns their number. */
export const purgeApprovals = purgeOf({ table: 'approvals', key: 'id', age: 'requested_at' });
