import { defineService } from '../../broker/process/service.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import { changeName } from './actions/accounts/change-name.ts';
import { changePassword } from './actions/accounts/change-password.ts';
import { closeAccount } from './actions/accounts/close-account.ts';
import { createUser } from './actions/accounts/create-user.ts';
import { findUser } from './actions/accounts/find-user.ts';
import { me } from './actions/accounts/me.ts';
import { passwordLink } from './actions/accounts/password-link.ts';
import { register } from './actions/accounts/register.ts';
import { setPassword } from './actions/accounts/set-password.ts';
import { liftLockout } from './actions/lockouts/lift-lockout.ts';
import { lockouts } from './actions/lockouts/lockouts.ts';
import { endOtherSessions } from './actions/sessions/end-other-sessions.ts';
import { endSession } from './actions/sessions/end-session.ts';
import { login } from './actions/sessions/login.ts';
import { logout } from './actions/sessions/logout.ts';
import { nameSession } from './actions/sessions/name-session.ts';
import { refresh } from './actions/sessions/refresh.ts';
import { refreshTokens } from './actions/sessions/refresh-tokens.ts';
import { revocations } from './actions/sessions/revocations.ts';
import { sessionsOf } from './actions/sessions/sessions-of.ts';
import { sessions } from './actions/sessions/sessions.ts';
import { tokens } from './actions/sessions/tokens.ts';
import { userCopies } from './actions/accounts/user-copies.ts';
import { time } from './actions/time.ts';
import { userActions } from './accounts/user-actions.ts';
import { createState, type AuthState } from './auth.ts';
import { config } from './config.ts';
import { DEMO_BANNER, createDemoAccounts } from './demo.ts';
import { purgeJobs } from './jobs/purge.ts';
import { sealSigningKeys } from './jobs/seal-signing-keys.ts';
import { signingActions } from './signing/signing-actions.ts';
import { onSettingChanged, settingsCopy } from './subscribers/admin.ts';

const accountActions = { register, createUser, findUser, userCopies, passwordLink, setPassword };
const ownActions = { me, changeName, changePassword, closeAccount };
const signInActions = { login, tokens, refresh, refreshTokens, logout };
const sessionActions = { sessions, sessionsOf, nameSession, endSession, endOtherSessions, revocations };
const otherActions = { ...ownActions, ...signingActions, lockouts, liftLockout, time };

export const service = defineService<typeof auth, typeof config, AuthState>({
  contract: auth,
  config,
  database: {
    env: 'AUTH_DATABASE_URL',
    migrations: new URL('./migrations/', import.meta.url),
    poolSize: ({ poolSize }) => poolSize,
  },
  development: ({ secret }) => ({ AUTH_KEY_SEAL: secret('auth key seal', '') }),
  state: createState,
  actions: { ...accountActions, ...userActions, ...signInActions, ...sessionActions, ...otherActions },
  calls: ['admin'],
  copies: [settingsCopy],
  subscribers: [onSettingChanged],
  jobs: [...purgeJobs, sealSigningKeys],
  demo: createDemoAccounts,
  banner: ({ DEMO_DATA }) => (DEMO_DATA === 'false' ? [] : DEMO_BANNER),
});
