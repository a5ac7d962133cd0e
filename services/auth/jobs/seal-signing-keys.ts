import type { Job } from '../../../broker/process/jobs.ts';
import type { AuthService } from '../auth.ts';
import { resealKeys } from '../signing/key-rotation.ts';

/**
 * Seals the keys that an older version has stored in plain text, and those under AUTH_KEY_SEAL_PREVIOUS, once
 * an hour: the replicas of a rolling restart have the new secret by then.
 */
export const sealSigningKeys: Job<Pick<AuthService, 'db' | 'state' | 'log'>> = {
  name: 'seal-signing-keys',
  everyMs: 3_600_000,
  run: async ({ db, state: { keySeal }, log }) => {
    const count = await resealKeys({ db, keySeal });
    if (count > 0) log.info({ count }, 'signing keys sealed');
  },
};
