import { itemsOf } from '../../../../broker/postgres/items.ts';
import { listedApproval } from '../../accounts/approvals.ts';
import type { AuthAction } from '../../auth.ts';
import { listApprovals } from '../../persistence/accounts/list-approvals.ts';

export const approvals: AuthAction<'approvals'> = async ({ db, clock }, call) => {
  const now = clock.now();
  const { rows, nextCursor } = await listApprovals(db, call.params, now);
  return { items: itemsOf(rows, (row) => listedApproval(row, now)), nextCursor };
};
