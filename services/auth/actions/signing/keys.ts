import type { AuthAction } from '../../auth.ts';

export const keys: AuthAction<'keys'> = async (service) => ({ keys: await service.state.publicJwks() });
