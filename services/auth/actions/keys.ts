import type { AuthAction } from '../room.ts';

export const keys: AuthAction<'keys'> = async (room) => ({ keys: await room.state.publicJwks() });
