import type { Caller } from '../../../broker/calls/envelope.ts';
import { AppError } from '../../../broker/calls/errors.ts';
import { callerOf } from '../../../broker/calls/implement.ts';
import type { Transaction } from '../../../broker/postgres/database.ts';
import type { Service } from '../../../broker/process/service.ts';
import type { ManagedUser } from '../../../shared/contracts/auth/users.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { refusalOf } from '../domain/accounts/admin-decision.ts';
import { lastSignInOf } from '../persistence/accounts/list-users.ts';
import { activeAdmins, lockDecisions, lockUser, type UserRow } from '../persistence/accounts/users.ts';
import type { EndedSession } from '../persistence/sessions/sessions.ts';
import { signalEnded, type SignalService } from '../sessions/revoke-session.ts';
import { managedUser } from './public-user.ts';

/** The administrator, reason and time of a decision, as its event records them. */
export type Decision = { by: UserId; reason: string; at: string };

type DecisionService = Pick<Service, 'db' | 'clock'>;
type DecisionCall = { caller: Caller | null; params: { reason: string } };
type CallAbout = { caller: Caller | null; params: { id: UserId; reason: string } };

/**
 * Runs an administrator's decision in a transaction. Decisions run one at a time in all processes, so that
 * two administrators who demote each other leave one of them.
 * @param rule whom it is about, or null for a new user, and whether it may take rights from this user
 * @throws AppError the refusal of `refusalOf`
 */
export const decide = <T>(
  service: DecisionService,
  call: DecisionCall,
  rule: { about: UserId | null; takesRights: boolean },
  run: (tx: Transaction, decision: Decision) => Promise<T>,
): Promise<T> => {
  const by = callerOf(call).userId;
  const { reason } = call.params;
  return service.db.transaction(async (tx) => {
    await lockDecisions(tx);
    const refusal = refusalOf({ by, ...rule, admins: await activeAdmins(tx) });
    if (refusal) throw new AppError(refusal);
    return run(tx, { by, reason, at: service.clock.iso() });
  });
};

export type Rule = {
  takesRights: boolean;
  /** Whether `run` also gets a user whose account is closed. */
  alsoClosed?: boolean;
};

/**
 * Locks the user whom a decision is about.
 * @throws AppError `user_not_found`, `account_closed`
 */
export const lockSubject = async (tx: Transaction, id: UserId, alsoClosed = false): Promise<UserRow> => {
  const user = await lockUser(tx, id);
  if (!user) throw new AppError('user_not_found');
  if (user.status === 'deleted' && !alsoClosed) throw new AppError('account_closed');
  return user;
};

/**
 * Runs a decision about a user whom the transaction has locked.
 * @throws AppError `user_not_found`, `account_closed`, or the refusal of `refusalOf`
 */
export const decideAbout = <T>(
  service: DecisionService,
  call: CallAbout,
  { takesRights, alsoClosed = false }: Rule,
  run: (tx: Transaction, user: UserRow, decision: Decision) => Promise<T>,
): Promise<T> => {
  const { id } = call.params;
  return decide(service, call, { about: id, takesRights }, async (tx, decision) => {
    return run(tx, await lockSubject(tx, id, alsoClosed), decision);
  });
};

/** What a decision has led to: the user, and the sessions that it has ended. */
export type Outcome = { user: UserRow; ended?: readonly EndedSession[] };

/**
 * Runs a decision about a user, then signals the end of the sessions that it has ended.
 * @returns the user as administrators see it
 * @throws AppError as `decideAbout` does
 */
export const administer = async (
  service: DecisionService & SignalService,
  call: CallAbout,
  rule: Rule,
  run: (tx: Transaction, user: UserRow, decision: Decision) => Promise<Outcome>,
): Promise<ManagedUser> => {
  const { user, ended = [] } = await decideAbout(service, call, rule, run);
  await signalEnded(service, ended);
  return managedUser(user, await lastSignInOf(service.db, user.id));
};
