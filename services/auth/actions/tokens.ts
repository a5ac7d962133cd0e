import type { AuthAction } from '../room.ts';
import { signIn } from '../sessions/sign-in.ts';

export const tokens: AuthAction<'tokens'> = async (room, { params }) => (await signIn(room, params)).tokens;
