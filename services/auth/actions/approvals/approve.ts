import { decide } from '../../accounts/admin-decision.ts';
import { publicApproval, settleApproval } from '../../accounts/approvals.ts';
import { carryOut } from '../../accounts/carry-out.ts';
import { orEmailTaken } from '../../accounts/create-account.ts';
import { deliverLink } from '../../accounts/password-link.ts';
import { signalRole } from '../../accounts/role-change.ts';
import type { AuthAction } from '../../auth.ts';
import { signalEnded } from '../../sessions/revoke-session.ts';

export const approve: AuthAction<'approve'> = async (service, call) => {
  const approved = { id: call.params.id, isApproved: true };
  const { row, changed, issued, suspensions, ended } = await orEmailTaken(() =>
    decide(service, call, { about: null, takesRights: false }, async (tx, decision) => {
      const asked = await settleApproval(service, tx, approved, decision);
      const { requestedBy: by, reason } = asked;
      const done = await carryOut(service, tx, asked, { by, reason, at: decision.at }, decision.by);
      return { row: asked, ...done };
    }),
  );
  if (changed) await signalRole(service, changed);
  await signalEnded(service, ended);
  const isInvitation = issued !== null && row.act === 'inviteUser';
  const delivered = isInvitation ? await deliverLink(service, row, 'invitation', issued) : null;
  return { approval: publicApproval(row), issued: delivered, suspensions };
};
