import { AppError } from '../../../broker/errors.ts';
import { callerOf } from '../../../broker/implement.ts';
import { auth } from '../../../shared/contracts/auth.ts';
import { liftLocked } from '../persistence/sign-in-failures.ts';
import type { AuthAction } from '../room.ts';

export const liftLockout: AuthAction<'liftLockout'> = async (room, call) => {
  const { userId: by } = callerOf(call);
  const { id, reason } = call.params;
  await room.db.transaction(async (tx) => {
    const at = room.clock.now();
    const lifted = await liftLocked(tx, id, at);
    if (!lifted) throw new AppError('lockout_not_found');
    const { kind, subject } = lifted;
    await room.outbox.add(tx, auth.facts.lockoutLifted, { kind, subject, by, reason, at: at.toISOString() });
  });
  return {};
};
