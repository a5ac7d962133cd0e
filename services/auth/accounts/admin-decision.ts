import type { Caller } from '../../../broker/calls/envelope.ts';
import { AppError } from '../../../broker/calls/errors.ts';
import { callerOf } from '../../../broker/calls/implement.ts';
import type { Transaction } from '../../../broker/postgres/database.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { judgeDecision } from '../domain/accounts/decision.ts';
import { activeAdmins, lockDecisions, lockUser, type UserRow } from '../persistence/accounts/users.ts';
import type { AuthService } from '../auth.ts';

/** Who decided, why and when, as its event tells it. */
export type Decision = { by: UserId; reason: string; at: string };

type Asked = { caller: Caller | null; params: { id: UserId; reason: string } };

/**
 * Runs an administrator's decision about a user, in a transaction that has locked the user. One decision runs
 * at a time, in all processes: of two administrators who demote each other, one stays.
 * @param takes whether the decision may take rights from the user
 * @throws AppError `user_not_found`, or what `judgeDecision` says
 */
export const decideAbout = <T>(
  service: AuthService,
  call: Asked,
  takes: boolean,
  run: (tx: Transaction, user: UserRow, decision: Decision) => Promise<T>,
): Promise<T> => {
  const by = callerOf(call).userId;
  const { id, reason } = call.params;
  return service.db.transaction(async (tx) => {
    await lockDecisions(tx);
    const refusal = judgeDecision({ by, about: id, takes, admins: await activeAdmins(tx) });
    if (refusal) throw new AppError(refusal);
    const user = await lockUser(tx, id);
    if (!user || user.status === 'deleted') throw new AppError('user_not_found');
    return run(tx, user, { by, reason, at: service.clock.iso() });
  });
};
