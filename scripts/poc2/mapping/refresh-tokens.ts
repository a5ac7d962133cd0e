import { REFRESH_TOKEN_LIFETIME_S } from '../../../shared/contracts/auth/lifetimes.ts';
import { REFRESH_TOKEN_MAX_LENGTH } from '../../../shared/contracts/auth/sessions.ts';
import { idOf } from './ids.ts';
import { creationOf, notesOn } from './notes.ts';
import { userColumns, userIdOf, userIn, userProblem, type UserColumns } from './people.ts';
import { timeAt, timeColumn, timeOf, type Time } from './times.ts';
import type { Mapped, MappingContext, TableMapping, TargetRow } from './table-mapping.ts';

export type RefreshTokenSource = UserColumns<'user'> & {
  id: string;
  /** SHA-256 in hex digits: the token itself stays in the source. */
  hash: string;
  length: string;
  expires_at: string | null;
  created_at: string | null;
};

const rowsOf = (row: RefreshTokenSource, userId: string, created: Time, expires: Time): TargetRow[] => {
  const sessionId = idOf('session', { table: 'refresh_tokens', id: row.id }, created.ms);
  return [
    {
      database: 'auth',
      table: 'sessions',
      values: {
        id: sessionId,
        user_id: userId,
        started_at: created.iso,
        last_seen_at: created.iso,
        expires_at: expires.iso,
        method: 'password',
        device: 'Unknown device',
        kind: 'program',
      },
    },
    {
      database: 'auth',
      table: 'refresh_tokens',
      values: {
        hash: `\\x${row.hash}`,
        session_id: sessionId,
        issued_at: created.iso,
        expires_at: expires.iso,
      },
    },
  ];
};

/** A token becomes a session of its own, whose first token it is: auth exchanges it once. */
const map = (row: RefreshTokenSource, context: MappingContext): Mapped => {
  const notes = notesOn('refresh_tokens', row.id);
  const user = userIn(row, 'user');
  if (user === null) notes.refused('user_missing', 'belongs to no user');
  else if (userProblem(user, context) !== null)
    notes.refused('user_refused', `belongs to the user ${user.id}, who is refused`);
  const created = creationOf(row.created_at, context, notes);
  const given = timeOf(row.expires_at);
  if (given === null || given.ms <= Math.max(context.nowMs, created?.ms ?? 0)) {
    if (!notes.isRefused()) notes.mapped('token_expired', 'has expired: nothing is carried over');
    return notes.result(() => []);
  }
  if (Number(row.length) > REFRESH_TOKEN_MAX_LENGTH)
    notes.refused(
      'token_long',
      `has more than ${REFRESH_TOKEN_MAX_LENGTH} characters, which auth does not take`,
    );
  const longest = timeAt(context.nowMs + REFRESH_TOKEN_LIFETIME_S * 1000);
  const expires = given.ms > longest.ms ? longest : given;
  if (expires !== given) notes.mapped('token_lifetime', `expires at ${expires.iso} instead of ${given.iso}`);
  return notes.result(() =>
    user === null || created === null ? [] : rowsOf(row, userIdOf(user), created, expires),
  );
};

export const refreshTokens: TableMapping<RefreshTokenSource> = {
  table: 'refresh_tokens',
  select: `select t.id, encode(sha256(convert_to(t.token, 'UTF8')), 'hex') as hash,
    length(t.token)::text as length, ${timeColumn('t.expires_at', 'expires_at')},
    ${timeColumn('t.created_at', 'created_at')}, ${userColumns('u', 'user')}
    from refresh_tokens t left join users u on u.id = t.user_id`,
  key: 't.id',
  targets: [
    { database: 'auth', table: 'sessions' },
    { database: 'auth', table: 'refresh_tokens' },
  ],
  map,
};
