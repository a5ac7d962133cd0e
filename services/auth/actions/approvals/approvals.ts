import { itemsOf } from '../../../../broker/postgres/items.ts';
import { publicApproval } from '../../accounts/approvals.ts';
import type { AuthAction } from '../../auth.ts';
import { openApprovals } from '../../persistence/accounts/approvals.ts';

export const approvals: AuthAction<'approvals'> = async (service) => ({
  items: itemsOf(await openApprovals(service.db, service.clock.now()), publicApproval),
});
