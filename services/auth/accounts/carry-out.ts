import { AppError } from '../../../broker/calls/errors.ts';
import type { Transaction } from '../../../broker/postgres/database.ts';
import type { SuspensionOutcome } from '../../../shared/contracts/auth/users.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import type { AuthService } from '../auth.ts';
import type { ApprovalRow } from '../persistence/accounts/approvals.ts';
import type { UserRow } from '../persistence/accounts/users.ts';
import type { EndedSession } from '../persistence/sessions/sessions.ts';
import { lockSubject, type Decision } from './admin-decision.ts';
import { newUser } from './create-account.ts';
import { storeInvitation } from './invitation.ts';
import { unknownPassword, type IssuedLink } from './password-link.ts';
import { changeRole } from './role-change.ts';
import { suspendListed } from './suspension.ts';

/** What an approval has led to. */
type Done = {
  /** Whose role was changed. */
  changed: UserRow | null;
  issued: IssuedLink | null;
  suspensions: SuspensionOutcome[] | null;
  ended: readonly EndedSession[];
};
const NOTHING: Done = { changed: null, issued: null, suspensions: null, ended: [] };

/** All users in the transaction of the approval: a process that dies leaves it waiting, or all of it done. */
const suspendAll = async (
  service: AuthService,
  tx: Transaction,
  ids: readonly UserId[],
  decision: Decision,
): Promise<Done> => {
  const suspensions: SuspensionOutcome[] = [];
  const all: EndedSession[] = [];
  for (const id of ids) {
    const { item, ended } = await suspendListed(service, tx, { id, preview: false }, decision);
    suspensions.push(item);
    all.push(...ended);
  }
  return { ...NOTHING, suspensions, ended: all };
};

/**
 * Carries out what was asked for, as an act of the administrator who asked. A setting belongs to the service
 * admin, which makes the change when the event of the approval arrives.
 * @throws AppError `own_account` where the approver is among the users to suspend
 */
export const carryOut = async (
  service: AuthService,
  tx: Transaction,
  asked: ApprovalRow,
  decision: Decision,
  approver: UserId,
): Promise<Done> => {
  switch (asked.act) {
    case 'inviteUser': {
      const { email, name, role } = asked;
      const user = await newUser(service, { email, name, role, password: unknownPassword() }, 'invited');
      return { ...NOTHING, issued: await storeInvitation(service, tx, user, decision, approver) };
    }
    case 'setRole': {
      const user = await lockSubject(tx, asked.userId);
      return { ...NOTHING, changed: await changeRole(service, tx, { user, role: asked.role }, decision) };
    }
    case 'suspendUsers':
      if (asked.userIds.includes(approver)) throw new AppError('own_account');
      return suspendAll(service, tx, asked.userIds, decision);
    case 'changeSetting':
      return NOTHING;
  }
};
