import { viewOf } from '../accounts/view.ts';
import type { AuthAction } from '../room.ts';
import { signInBrowser } from '../sessions/sign-in.ts';

export const login: AuthAction<'login'> = async (room, call) => {
  const { deviceToken, ...credentials } = call.params;
  const { user, tokens } = await signInBrowser(room, { ...credentials, source: call }, deviceToken);
  return { user: viewOf(user), tokens };
};
