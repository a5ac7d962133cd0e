import { callerOf } from '../../../broker/implement.ts';
import type { AuthAction } from '../room.ts';
import { rotateSigningKeys } from '../signing/signing-keys.ts';

export const rotateKeys: AuthAction<'rotateKeys'> = async (room, call) => {
  const { reason } = call.params;
  const { id, createdAt } = await rotateSigningKeys(room, { by: callerOf(call).userId, reason });
  return { id, state: 'next', createdAt: createdAt.toISOString() };
};
