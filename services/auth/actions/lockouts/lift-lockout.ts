import { AppError } from '../../../../broker/calls/errors.ts';
import { callerOf } from '../../../../broker/calls/implement.ts';
import { auth } from '../../../../shared/contracts/auth/auth.ts';
import type { AuthAction } from '../../auth.ts';
import { deleteLockout } from '../../persistence/lockouts/sign-in-failures.ts';

export const liftLockout: AuthAction<'liftLockout'> = async (service, call) => {
  const { userId: by } = callerOf(call);
  const { id, reason } = call.params;
  await service.db.transaction(async (tx) => {
    const now = service.clock.now();
    const lifted = await deleteLockout(tx, id, now);
    if (!lifted) throw new AppError('lockout_not_found');
    const { kind, subject } = lifted;
    const event = { kind, subject, by, reason, at: now.toISOString() };
    await service.outbox.add(tx, auth.events.lockoutLifted, event);
  });
  return {};
};
