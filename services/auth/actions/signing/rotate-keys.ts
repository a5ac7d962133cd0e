import { callerOf } from '../../../../broker/calls/implement.ts';
import type { AuthAction } from '../../auth.ts';
import { rotateSigningKeys } from '../../signing/key-rotation.ts';

export const rotateKeys: AuthAction<'rotateKeys'> = async (service, call) => {
  const { reason } = call.params;
  const { id, createdAt } = await rotateSigningKeys(service, { by: callerOf(call).userId, reason });
  return { id, state: 'next', createdAt: createdAt.toISOString() };
};
