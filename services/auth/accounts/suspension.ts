import { AppError, isAppError } from '../../../broker/calls/errors.ts';
import type { Service } from '../../../broker/process/service.ts';
import type { Transaction } from '../../../broker/postgres/database.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import type { SuspensionOutcome } from '../../../shared/contracts/auth/users.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { refusalOf } from '../domain/accounts/admin-decision.ts';
import { stateOf } from '../domain/accounts/user-state.ts';
import { activeAdmins, setUserStatus, type UserRow } from '../persistence/accounts/users.ts';
import type { EndedSession } from '../persistence/sessions/sessions.ts';
import { endAll } from '../sessions/revoke-session.ts';
import { lockSubject, type Decision, type Outcome } from './admin-decision.ts';
import { recordUserChange } from './create-account.ts';

/** Suspends a user whom the transaction has locked, and ends all sessions; nothing when already suspended. */
export const suspendUser = async (
  service: Pick<Service, 'clock' | 'outbox'>,
  tx: Transaction,
  current: UserRow,
  decision: Decision,
): Promise<Outcome> => {
  if (current.status === 'suspended') return { user: current };
  const { id } = current;
  const user = await setUserStatus(tx, { id, status: 'suspended', at: new Date(decision.at) });
  const changes = { before: { state: stateOf(current) }, after: { state: stateOf(user) } };
  await service.outbox.add(tx, auth.events.userSuspended, { userId: id, ...decision, ...changes });
  await recordUserChange(service, tx, user);
  return { user, ended: await endAll(service, tx, id, 'suspended') };
};

/** What became of one of several users, and the sessions that this has ended. */
type Listed = { item: SuspensionOutcome; ended: readonly EndedSession[] };

/**
 * Suspends one of several users, or previews that. A refusal is an outcome, so that the others are suspended.
 * @throws AppError `forbidden` when the administrator is none any more
 */
export const suspendListed = async (
  service: Pick<Service, 'clock' | 'outbox'>,
  tx: Transaction,
  { id, preview }: { id: UserId; preview: boolean },
  decision: Decision,
): Promise<Listed> => {
  try {
    const rule = { by: decision.by, about: id, takesRights: true };
    const refusal = refusalOf({ ...rule, admins: await activeAdmins(tx) });
    if (refusal) throw new AppError(refusal);
    const user = await lockSubject(tx, id);
    if (user.status === 'suspended') return { item: { id, outcome: 'unchanged', code: null }, ended: [] };
    const { ended = [] } = preview ? {} : await suspendUser(service, tx, user, decision);
    return { item: { id, outcome: 'suspended', code: null }, ended };
  } catch (error) {
    if (!isAppError(error) || error.code === 'forbidden') throw error;
    return { item: { id, outcome: 'refused', code: error.code }, ended: [] };
  }
};
