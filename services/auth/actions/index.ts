import type { Handlers } from '../../../broker/calls/implement.ts';
import type { auth } from '../../../shared/contracts/auth/auth.ts';
import { changePassword } from './accounts/change-password.ts';
import { createUser } from './accounts/create-user.ts';
import { endOtherSessions } from './sessions/end-other-sessions.ts';
import { endSession } from './sessions/end-session.ts';
import { findUser } from './accounts/find-user.ts';
import { keys } from './signing/keys.ts';
import { liftLockout } from './lockouts/lift-lockout.ts';
import { lockouts } from './lockouts/lockouts.ts';
import { login } from './sessions/login.ts';
import { logout } from './sessions/logout.ts';
import { me } from './accounts/me.ts';
import { refresh } from './sessions/refresh.ts';
import { refreshTokens } from './sessions/refresh-tokens.ts';
import { register } from './accounts/register.ts';
import { restore } from './accounts/restore.ts';
import { revocations } from './sessions/revocations.ts';
import { rotateKeys } from './signing/rotate-keys.ts';
import { sessions } from './sessions/sessions.ts';
import { setRole } from './accounts/set-role.ts';
import { signingKeys } from './signing/signing-keys.ts';
import { suspend } from './accounts/suspend.ts';
import { time } from './time.ts';
import { tokens } from './sessions/tokens.ts';
import type { AuthService } from '../auth.ts';

/** What answers each action of the contract. */
export const actions: Handlers<AuthService, typeof auth> = {
  register,
  login,
  tokens,
  refresh,
  refreshTokens,
  logout,
  me,
  changePassword,
  keys,
  time,
  findUser,
  sessions,
  endSession,
  endOtherSessions,
  revocations,
  suspend,
  restore,
  setRole,
  lockouts,
  liftLockout,
  signingKeys,
  rotateKeys,
  createUser,
};
