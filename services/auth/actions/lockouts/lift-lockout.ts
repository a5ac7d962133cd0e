import { AppError } from '../../../../broker/calls/errors.ts';
import { callerOf } from '../../../../broker/calls/implement.ts';
import { recordLift } from '../../accounts/lift-lockout.ts';
import type { AuthAction } from '../../auth.ts';
import { deleteLockout } from '../../persistence/lockouts/sign-in-failures.ts';

export const liftLockout: AuthAction<'liftLockout'> = async (service, call) => {
  const { userId: by } = callerOf(call);
  const { id, reason } = call.params;
  await service.db.transaction(async (tx) => {
    const now = service.clock.now();
    const lifted = await deleteLockout(tx, id, now);
    if (!lifted) throw new AppError('lockout_not_found');
    await recordLift(service, tx, lifted, { by, reason, at: now.toISOString() });
  });
  return {};
};
