import type { AuthAction } from '../../auth.ts';
import { readUserCopies } from '../../persistence/accounts/user-copies.ts';

export const userCopies: AuthAction<'userCopies'> = async ({ db }, { params }) => ({
  items: await readUserCopies(db, params),
});
