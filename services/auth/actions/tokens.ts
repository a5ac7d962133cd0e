import type { AuthAction } from '../room.ts';
import { signInProgram } from '../sessions/sign-in.ts';

export const tokens: AuthAction<'tokens'> = (room, call) =>
  signInProgram(room, { ...call.params, source: call });
