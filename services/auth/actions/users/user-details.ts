import { AppError } from '../../../../broker/calls/errors.ts';
import { managedSessions } from '../../accounts/managed-sessions.ts';
import { linkKindOf } from '../../accounts/password-link.ts';
import { managedUser } from '../../accounts/public-user.ts';
import type { AuthAction } from '../../auth.ts';
import { wholeFailures } from '../../domain/lockouts/lockout.ts';
import { lastSignInOf } from '../../persistence/accounts/list-users.ts';
import { passwordLinkOf } from '../../persistence/accounts/password-links.ts';
import { findUserById } from '../../persistence/accounts/users.ts';
import { lockoutOfAccount } from '../../persistence/lockouts/sign-in-failures.ts';

const SESSIONS = { limit: 25 };

export const userDetails: AuthAction<'userDetails'> = async (service, call) => {
  const { id } = call.params;
  const { db, clock } = service;
  const user = await findUserById(db, id);
  if (!user) throw new AppError('user_not_found');
  const lockout = await lockoutOfAccount(db, user.email, clock.now());
  const link = await passwordLinkOf(db, id);
  return {
    ...managedUser(user, await lastSignInOf(db, id)),
    lockout: lockout && {
      failures: wholeFailures(lockout.failures),
      lockedUntil: lockout.lockedUntil.toISOString(),
      lastFailureAt: lockout.lastFailureAt.toISOString(),
    },
    link: link && { kind: linkKindOf(user), expiresAt: link.expiresAt.toISOString() },
    sessions: await managedSessions(service, id, SESSIONS),
  };
};
