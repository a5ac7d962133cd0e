import { callerOf } from '../../../../broker/calls/implement.ts';
import type { AuthAction } from '../../auth.ts';
import { revokeAndReplaceKeys, rotateSigningKeys } from '../../signing/key-rotation.ts';

export const rotateKeys: AuthAction<'rotateKeys'> = async (service, call) => {
  const { reason, revoke } = call.params;
  const signing = { ...service, keySeal: service.state.keySeal };
  const rotate = revoke ? revokeAndReplaceKeys : rotateSigningKeys;
  const { id, createdAt } = await rotate(signing, { by: callerOf(call).userId, reason });
  return { id, state: revoke ? 'signing' : 'next', createdAt: createdAt.toISOString() };
};
