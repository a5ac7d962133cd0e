import type { Transaction } from '../../../../broker/postgres/database.ts';
import type { UserId } from '../../../../shared/contracts/ids.ts';
import { decide, lockSubject, type Decision } from '../../accounts/admin-decision.ts';
import { publicApproval, settleApproval } from '../../accounts/approvals.ts';
import { newUser, orEmailTaken } from '../../accounts/create-account.ts';
import { storeInvitation } from '../../accounts/invitation.ts';
import { deliverLink, unknownPassword, type IssuedLink } from '../../accounts/password-link.ts';
import { changeRole, signalRole } from '../../accounts/role-change.ts';
import type { AuthAction, AuthService } from '../../auth.ts';
import type { ApprovalRow } from '../../persistence/accounts/approvals.ts';
import type { UserRow } from '../../persistence/accounts/users.ts';

type Done = { changed: UserRow | null; issued: IssuedLink | null };

/** Carries out what was asked for, as an act of the administrator who asked. */
const carryOut = async (
  service: AuthService,
  tx: Transaction,
  { userId, email, name, role }: ApprovalRow,
  decision: Decision,
  approver: UserId,
): Promise<Done> => {
  if (userId === null) {
    const user = await newUser(service, { email, name, role, password: unknownPassword() }, 'invited');
    return { changed: null, issued: await storeInvitation(service, tx, user, decision, approver) };
  }
  const user = await lockSubject(tx, userId);
  return { changed: await changeRole(service, tx, { user, role }, decision), issued: null };
};

export const approve: AuthAction<'approve'> = async (service, call) => {
  const approved = { id: call.params.id, isApproved: true };
  const { row, changed, issued } = await orEmailTaken(() =>
    decide(service, call, { about: null, takesRights: false }, async (tx, decision) => {
      const asked = await settleApproval(service, tx, approved, decision);
      const { requestedBy: by, reason } = asked;
      const done = await carryOut(service, tx, asked, { by, reason, at: decision.at }, decision.by);
      return { row: asked, ...done };
    }),
  );
  if (changed) await signalRole(service, changed);
  const delivered = issued && (await deliverLink(service, row, 'invitation', issued));
  return { approval: publicApproval(row), issued: delivered };
};
