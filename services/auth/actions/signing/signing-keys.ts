import { keyStates } from '../../domain/signing/signing-keys.ts';
import { listSigningKeys } from '../../persistence/signing/signing-keys.ts';
import type { AuthAction } from '../../auth.ts';

export const signingKeys: AuthAction<'signingKeys'> = async (service) => {
  const keys = keyStates(await listSigningKeys(service.db), service.clock.now());
  return {
    items: keys.map(({ id, state, createdAt }) => ({ id, state, createdAt: createdAt.toISOString() })),
  };
};
