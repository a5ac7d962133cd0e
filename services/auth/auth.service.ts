import { defineService } from '../../broker/process/service.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import { actions } from './actions.ts';
import { config } from './config.ts';
import { DEMO_BANNER, makeDemoAccounts } from './demo.ts';
import { startPurging } from './jobs/purge.ts';
import { makeAttemptLines } from './lockouts/attempt.ts';
import { makePasswords } from './passwords/passwords.ts';
import type { AuthState } from './auth.ts';
import { makeSigner } from './signing/signer.ts';
import { publishedKeys } from './signing/signing-keys.ts';

export const service = defineService<typeof auth, typeof config, AuthState>({
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
    stopPurging: () => undefined,
  }),
  actions,
  started: async (running) => {
    running.state.stopPurging = startPurging(running);
  },
  stopped: async ({ state }) => state.stopPurging(),
  demo: makeDemoAccounts,
  banner: ({ DEMO_DATA }) => (DEMO_DATA === 'false' ? [] : DEMO_BANNER),
});
