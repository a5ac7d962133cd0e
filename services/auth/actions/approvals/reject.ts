import { decide } from '../../accounts/admin-decision.ts';
import { publicApproval, settleApproval } from '../../accounts/approvals.ts';
import type { AuthAction } from '../../auth.ts';

export const reject: AuthAction<'reject'> = (service, call) => {
  const rejected = { id: call.params.id, isApproved: false };
  return decide(service, call, { about: null, takesRights: false }, async (tx, decision) =>
    publicApproval(await settleApproval(service, tx, rejected, decision)),
  );
};
