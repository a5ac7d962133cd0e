import { createAccount } from '../../accounts/create-account.ts';
import { publicUser } from '../../accounts/public-user.ts';
import type { AuthAction } from '../../auth.ts';

export const createUser: AuthAction<'createUser'> = async (service, { params }) => {
  const { user } = await createAccount(service, params, async () => undefined);
  return publicUser(user);
};
