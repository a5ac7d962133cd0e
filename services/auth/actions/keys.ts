import type { AuthAction } from '../room.ts';
import { publicJwks } from '../signing/signing-keys.ts';

export const keys: AuthAction<'keys'> = async (room) => ({ keys: await publicJwks(room) });
