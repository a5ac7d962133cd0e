import type { AuthAction } from '../../auth.ts';
import { revokeAndReplaceKeys } from '../../signing/key-rotation.ts';

export const revokeKeys: AuthAction<'revokeKeys'> = async (service, { params: { reason } }) => {
  const signing = { ...service, keySeal: service.state.keySeal };
  const { id, createdAt } = await revokeAndReplaceKeys(signing, { by: null, reason });
  return { id, state: 'signing', createdAt: createdAt.toISOString() };
};
