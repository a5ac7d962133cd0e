import * as z from 'zod/mini';
import { readCursor, writeCursor } from '../../../../broker/postgres/cursors.ts';
import type { Queryable } from '../../../../broker/postgres/database.ts';
import type { auth } from '../../../../shared/contracts/auth/auth.ts';
import type { ParsedParamsOf } from '../../../../shared/contracts/contract.ts';
import { approvalId, type UserId } from '../../../../shared/contracts/ids.ts';
import type { UserRow } from './users.ts';
import { APPROVAL_COLUMNS, type ApprovalRow } from './approvals.ts';

export type ListedApprovalRow = ApprovalRow & {
  users: Pick<UserRow, 'id' | 'name' | 'email' | 'status' | 'passwordState'>[] | null;
  requesterName: string;
  decidedBy: UserId | null;
  deciderName: string | null;
  decidedAt: Date | null;
  isApproved: boolean | null;
};

const CURSOR = z.tuple([z.enum(['waiting', 'over']), approvalId]);

const readPosition = (text: string, state: 'waiting' | 'over') => {
  const ofThisList = z.refine<readonly string[]>(([listed]) => listed === state);
  return readCursor(text, CURSOR.check(ofThisList))[1];
};

/**
 * One page of the requests that wait or that are over, newest first. Ids sort by the time of the request; the
 * table holds few rows, because acts that wait are rare and the rows are deleted after some time.
 */
export const listApprovals = async (
  db: Queryable,
  { state, limit, cursor }: ParsedParamsOf<typeof auth.actions.approvals>,
  at: Date,
): Promise<{ rows: ListedApprovalRow[]; nextCursor: string | null }> => {
  const before = cursor === undefined ? null : readPosition(cursor, state);
  const rows = await db.query<ListedApprovalRow>(
    `select ${APPROVAL_COLUMNS}, (select u.name from users u where u.id = requested_by) as "requesterName",
       decided_by as "decidedBy", (select u.name from users u where u.id = decided_by) as "deciderName",
       decided_at as "decidedAt", is_approved as "isApproved",
       (select jsonb_agg(jsonb_build_object('id', u.id, 'name', u.name, 'email', u.email,
          'status', u.status, 'passwordState', u.password_state) order by u.id)
        from jsonb_array_elements_text(user_ids) as named (id) join users u on u.id = named.id) as users
     from approvals
     where (decided_at is null and expires_at > $1) = $2 and ($3::text is null or id < $3)
     order by id desc limit $4`,
    [at, state === 'waiting', before, limit + 1],
  );
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { rows: page, nextCursor: rows.length > limit && last ? writeCursor([state, last.id]) : null };
};
