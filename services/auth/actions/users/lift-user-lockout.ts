import { administer } from '../../accounts/admin-decision.ts';
import { recordLift } from '../../accounts/lift-lockout.ts';
import type { AuthAction } from '../../auth.ts';
import { deleteLockoutOfAccount } from '../../persistence/lockouts/sign-in-failures.ts';

export const liftUserLockout: AuthAction<'liftUserLockout'> = (service, call) =>
  administer(service, call, { takesRights: false }, async (tx, user, decision) => {
    const lifted = await deleteLockoutOfAccount(tx, user.email, new Date(decision.at));
    if (lifted) await recordLift(service, tx, lifted, decision);
    return { user };
  });
