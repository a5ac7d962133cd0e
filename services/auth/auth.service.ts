import { defineRoom } from '../../broker/room.ts';
import { auth } from '../../shared/contracts/auth.ts';
import { actions } from './actions.ts';
import { config } from './config.ts';
import { makeDemoAccounts } from './demo.ts';
import { startForgetting } from './forget-old.ts';
import { makeAttemptLines } from './lockouts/attempt.ts';
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
    attempts: makeAttemptLines(),
    signer: await makeSigner(opened),
    publicJwks: publishedKeys(opened),
    stopForgetting: () => undefined,
  }),
  actions,
  started: async (running) => {
    running.state.stopForgetting = startForgetting(running);
  },
  stopped: async ({ state }) => state.stopForgetting(),
  demo: makeDemoAccounts,
});
