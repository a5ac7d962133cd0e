import { purgeOf } from '../../../../broker/postgres/delete-in-batches.ts';
import type { Transaction } from '../../../../broker/postgres/database.ts';
import type { SessionId, UserId } from '../../../../shared/contracts/ids.ts';
import type { UserStatus } from '../../../../shared/contracts/roles.ts';

export type RefreshTokenRow = {
  sessionId: SessionId;
  userId: UserId;
  expiresAt: Date;
  usedAt: Date | null;
  successorSeed: Buffer | null;
  sessionEndedAt: Date | null;
  /** Null for a session of an older version until its next refresh. */
  tokenKey: Buffer | null;
  userStatus: UserStatus;
};

type NewRefreshToken = { hash: Buffer; sessionId: SessionId; issuedAt: Date; expiresAt: Date };

export const insertRefreshToken = async (tx: Transaction, token: NewRefreshToken): Promise<void> => {
  await tx.query(
    'insert into refresh_tokens (hash, session_id, issued_at, expires_at) values ($1, $2, $3, $4)',
    [token.hash, token.sessionId, token.issuedAt, token.expiresAt],
  );
};

/**
 * A token with its session and user. The session is locked until the transaction ends, so that one refresh at
 * a time works on its tokens; the user is locked against changes, so that no access token carries an old role
 * with a new version. The user is locked first, as in transactions that change a user and then end sessions.
 * Separate statements, because only the next statement reads a row again after waiting for its lock.
 */
export const lockRefreshToken = async (tx: Transaction, hash: Buffer): Promise<RefreshTokenRow | null> => {
  await tx.query(
    `select 1 from users where id = (
       select s.user_id from refresh_tokens t join sessions s on s.id = t.session_id where t.hash = $1
     ) for share`,
    [hash],
  );
  await tx.query(
    `select 1 from sessions
     where id = (select session_id from refresh_tokens where hash = $1) for no key update`,
    [hash],
  );
  const [token] = await tx.query<RefreshTokenRow>(
    `select t.session_id as "sessionId", s.user_id as "userId", t.expires_at as "expiresAt",
       t.used_at as "usedAt", t.successor_seed as "successorSeed", s.ended_at as "sessionEndedAt",
       s.token_key as "tokenKey", u.status as "userStatus"
     from refresh_tokens t join sessions s on s.id = t.session_id join users u on u.id = s.user_id
     where t.hash = $1`,
    [hash],
  );
  return token ?? null;
};

/**
 * Marks a token as used. The row of the token used before it is deleted: its use is recognized by its tag
 * from then on.
 */
export const markRefreshTokenUsed = async (
  tx: Transaction,
  use: { hash: Buffer; sessionId: SessionId; successorSeed: Buffer; at: Date },
): Promise<void> => {
  await tx.query('delete from refresh_tokens where session_id = $1 and successor_seed is not null', [
    use.sessionId,
  ]);
  await tx.query('update refresh_tokens set used_at = $2, successor_seed = $3 where hash = $1', [
    use.hash,
    use.at,
    use.successorSeed,
  ]);
};

/** Deletes all tokens of sessions. */
export const deleteRefreshTokens = async (
  tx: Transaction,
  sessionIds: readonly SessionId[],
): Promise<void> => {
  await tx.query('delete from refresh_tokens where session_id = any($1)', [sessionIds]);
};

/**
 * Deletes at most `limit` tokens that were used before `before` and whose successor was used too; returns
 * their number. Only older versions have left such rows.
 */
export const purgeUsedRefreshTokens = purgeOf({
  table: 'refresh_tokens',
  key: 'hash',
  age: 'used_at',
  where: 'used_at is not null and successor_seed is null',
});
