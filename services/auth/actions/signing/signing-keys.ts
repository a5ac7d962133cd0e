import { itemsOf } from '../../../../broker/postgres/items.ts';
import type { AuthAction } from '../../auth.ts';
import { keyStates } from '../../domain/signing/key-rotation.ts';
import { listSigningKeys } from '../../persistence/signing/signing-keys.ts';

export const signingKeys: AuthAction<'signingKeys'> = async (service) => {
  const keys = keyStates(await listSigningKeys(service.db), service.clock.now());
  return {
    items: itemsOf(keys, ({ id, state, createdAt }) => ({ id, state, createdAt: createdAt.toISOString() })),
  };
};
