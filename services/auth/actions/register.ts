import { createAccount } from '../accounts/create-account.ts';
import { viewOf } from '../accounts/view.ts';
import type { AuthAction } from '../room.ts';
import { startSession, tokensFor } from '../sessions/start-session.ts';

export const register: AuthAction<'register'> = async (room, { params }) => {
  const { user, made } = await createAccount(room, params, (tx, { id }) => startSession(room, tx, id));
  return { user: viewOf(user), tokens: await tokensFor(room, user, made) };
};
