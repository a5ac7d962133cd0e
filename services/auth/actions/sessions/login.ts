import { publicUser } from '../../accounts/public-user.ts';
import type { AuthAction } from '../../auth.ts';
import { signInBrowser } from '../../sessions/sign-in.ts';

export const login: AuthAction<'login'> = async (service, call) => {
  const { deviceToken, ...credentials } = call.params;
  const { user, tokens } = await signInBrowser(service, { ...credentials, source: call }, deviceToken);
  return { user: publicUser(user), tokens };
};
