import type { Caller } from '../../../broker/calls/envelope.ts';
import { AppError } from '../../../broker/calls/errors.ts';
import { callerOf } from '../../../broker/calls/implement.ts';
import type { Transaction } from '../../../broker/postgres/database.ts';
import type { Service } from '../../../broker/process/service.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { refusalOf } from '../domain/accounts/admin-decision.ts';
import { activeAdmins, lockDecisions, lockUser, type UserRow } from '../persistence/accounts/users.ts';

/** The administrator, reason and time of a decision, as its event records them. */
type Decision = { by: UserId; reason: string; at: string };

type DecisionCall = { caller: Caller | null; params: { id: UserId; reason: string } };

/**
 * Runs an administrator's decision about a user, in a transaction that has locked the user. Decisions run one
 * at a time in all processes, so that two administrators who demote each other leave one of them.
 * @param takesRights whether the decision may take rights from the user
 * @throws AppError `user_not_found`, or the refusal of `refusalOf`
 */
export const decideAbout = <T>(
  service: Pick<Service, 'db' | 'clock'>,
  call: DecisionCall,
  takesRights: boolean,
  run: (tx: Transaction, user: UserRow, decision: Decision) => Promise<T>,
): Promise<T> => {
  const by = callerOf(call).userId;
  const { id, reason } = call.params;
  return service.db.transaction(async (tx) => {
    await lockDecisions(tx);
    const refusal = refusalOf({ by, about: id, takesRights, admins: await activeAdmins(tx) });
    if (refusal) throw new AppError(refusal);
    const user = await lockUser(tx, id);
    if (!user || user.status === 'deleted') throw new AppError('user_not_found');
    return run(tx, user, { by, reason, at: service.clock.iso() });
  });
};
