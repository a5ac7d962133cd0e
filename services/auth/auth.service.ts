import { defineRoom } from '../../broker/room.ts';
import { auth } from '../../shared/contracts/auth.ts';
import { changePassword } from './actions/change-password.ts';
import { createUser } from './actions/create-user.ts';
import { endedSessions } from './actions/ended-sessions.ts';
import { findUser } from './actions/find-user.ts';
import { keys } from './actions/keys.ts';
import { login } from './actions/login.ts';
import { logout } from './actions/logout.ts';
import { me } from './actions/me.ts';
import { refreshTokens } from './actions/refresh-tokens.ts';
import { refresh } from './actions/refresh.ts';
import { register } from './actions/register.ts';
import { tokens } from './actions/tokens.ts';
import { config } from './config.ts';
import { makeDemoAccounts } from './demo.ts';
import { makePasswords } from './passwords/passwords.ts';
import type { AuthState } from './room.ts';
import { makeSigner } from './signing/signer.ts';
import { publishedKeys } from './signing/signing-keys.ts';

export const room = defineRoom<typeof auth, typeof config, AuthState>({
  contract: auth,
  config,
  database: {
    env: 'AUTH_DATABASE_URL',
    migrations: new URL('./migrations/', import.meta.url),
    poolSize: ({ poolSize }) => poolSize,
  },
  state: async (opened) => ({
    passwords: await makePasswords(),
    signer: await makeSigner(opened),
    publicJwks: publishedKeys(opened),
  }),
  actions: {
    register,
    login,
    tokens,
    refresh,
    refreshTokens,
    logout,
    me,
    changePassword,
    keys,
    endedSessions,
    findUser,
    createUser,
  },
  demo: makeDemoAccounts,
});
