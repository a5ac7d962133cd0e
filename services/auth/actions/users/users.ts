import { itemsOf } from '../../../../broker/postgres/items.ts';
import { managedUser } from '../../accounts/public-user.ts';
import type { AuthAction } from '../../auth.ts';
import { listUsers } from '../../persistence/accounts/list-users.ts';

export const users: AuthAction<'users'> = async (service, call) => {
  const { rows, nextCursor } = await listUsers(service.db, call.params);
  return { items: itemsOf(rows, (row) => managedUser(row, row.lastSignInAt)), nextCursor };
};
