import type { AuthAction } from '../../auth.ts';
import { signInProgram } from '../../sessions/sign-in.ts';

export const tokens: AuthAction<'tokens'> = (service, call) =>
  signInProgram(service, { ...call.params, source: call });
