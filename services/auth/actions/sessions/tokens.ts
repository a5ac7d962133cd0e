import type { AuthAction } from '../../auth.ts';
import { signInProgram } from '../../sessions/sign-in.ts';

export const tokens: AuthAction<'tokens'> = (service, call) => {
  const { deviceToken, ...credentials } = call.params;
  return signInProgram(service, { ...credentials, source: call }, deviceToken);
};
