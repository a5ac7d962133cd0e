import { AppError } from '../../../../broker/calls/errors.ts';
import { callerOf } from '../../../../broker/calls/implement.ts';
import { auth } from '../../../../shared/contracts/auth/auth.ts';
import { liftLocked } from '../../persistence/lockouts/sign-in-failures.ts';
import type { AuthAction } from '../../auth.ts';

export const liftLockout: AuthAction<'liftLockout'> = async (service, call) => {
  const { userId: by } = callerOf(call);
  const { id, reason } = call.params;
  await service.db.transaction(async (tx) => {
    const at = service.clock.now();
    const lifted = await liftLocked(tx, id, at);
    if (!lifted) throw new AppError('lockout_not_found');
    const { kind, subject } = lifted;
    await service.outbox.add(tx, auth.events.lockoutLifted, {
      kind,
      subject,
      by,
      reason,
      at: at.toISOString(),
    });
  });
  return {};
};
