import { viewOf } from '../accounts/view.ts';
import type { AuthAction } from '../room.ts';
import { signIn } from '../sessions/sign-in.ts';

export const login: AuthAction<'login'> = async (room, { params }) => {
  const { user, tokens } = await signIn(room, params);
  return { user: viewOf(user), tokens };
};
