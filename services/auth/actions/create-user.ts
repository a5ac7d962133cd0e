import { createAccount } from '../accounts/create-account.ts';
import { viewOf } from '../accounts/view.ts';
import type { AuthAction } from '../room.ts';

export const createUser: AuthAction<'createUser'> = async (room, { params }) => {
  const { user } = await createAccount(room, params, async () => undefined);
  return viewOf(user);
};
