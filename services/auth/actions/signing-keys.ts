import { keyStates } from '../domain/signing-keys.ts';
import { listSigningKeys } from '../persistence/signing-keys.ts';
import type { AuthAction } from '../room.ts';

export const signingKeys: AuthAction<'signingKeys'> = async (room) => {
  const keys = keyStates(await listSigningKeys(room.db), room.clock.now());
  return {
    items: keys.map(({ id, state, createdAt }) => ({ id, state, createdAt: createdAt.toISOString() })),
  };
};
