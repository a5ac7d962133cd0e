import type { Handlers } from '../../broker/calls/implement.ts';
import type { auth } from '../../shared/contracts/auth/auth.ts';
import { changePassword } from './actions/change-password.ts';
import { createUser } from './actions/create-user.ts';
import { endOtherSessions } from './actions/end-other-sessions.ts';
import { endSession } from './actions/end-session.ts';
import { findUser } from './actions/find-user.ts';
import { keys } from './actions/keys.ts';
import { liftLockout } from './actions/lift-lockout.ts';
import { lockouts } from './actions/lockouts.ts';
import { login } from './actions/login.ts';
import { logout } from './actions/logout.ts';
import { me } from './actions/me.ts';
import { refresh } from './actions/refresh.ts';
import { refreshTokens } from './actions/refresh-tokens.ts';
import { register } from './actions/register.ts';
import { restore } from './actions/restore.ts';
import { revocations } from './actions/revocations.ts';
import { rotateKeys } from './actions/rotate-keys.ts';
import { sessions } from './actions/sessions.ts';
import { setRole } from './actions/set-role.ts';
import { signingKeys } from './actions/signing-keys.ts';
import { suspend } from './actions/suspend.ts';
import { time } from './actions/time.ts';
import { tokens } from './actions/tokens.ts';
import type { AuthService } from './auth.ts';

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
