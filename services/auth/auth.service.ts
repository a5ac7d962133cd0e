import { defineService } from '../../broker/process/service.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import { actions } from './actions/index.ts';
import { config } from './config.ts';
import { DEMO_BANNER, makeDemoAccounts } from './demo.ts';
import { purgeJobs } from './jobs/purge.ts';
import { makeAttemptQueues } from './lockouts/attempt.ts';
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
    attempts: makeAttemptQueues(),
    signer: await makeSigner(opened),
    publicJwks: publishedKeys(opened),
  }),
  actions,
  jobs: purgeJobs,
  demo: makeDemoAccounts,
  banner: ({ DEMO_DATA }) => (DEMO_DATA === 'false' ? [] : DEMO_BANNER),
});
