import type { Service } from '../../../broker/process/service.ts';
import type { Transaction } from '../../../broker/postgres/database.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { stateOf } from '../domain/accounts/user-state.ts';
import { setUserStatus, type UserRow } from '../persistence/accounts/users.ts';
import { endAll } from '../sessions/revoke-session.ts';
import type { Decision, Outcome } from './admin-decision.ts';
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
