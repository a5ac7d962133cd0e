import { itemsOf } from '../../../../broker/postgres/items.ts';
import { offsetOf, totalOf } from '../../../../broker/postgres/numbered-pages.ts';
import { managedUser } from '../../accounts/public-user.ts';
import type { AuthAction } from '../../auth.ts';
import { countUsers, listUsers } from '../../persistence/accounts/list-users.ts';

export const usersPage: AuthAction<'usersPage'> = async ({ db }, { params }) => {
  const { pageNumber, ...filters } = params;
  const { rows, nextCursor } = await listUsers(db, filters, offsetOf(params));
  const shown = { found: rows.length, isLast: nextCursor === null };
  const total = await totalOf({ pageNumber, limit: filters.limit }, shown, (max) =>
    countUsers(db, filters, max),
  );
  return { items: itemsOf(rows, (row) => managedUser(row, row.lastSignInAt)), ...total };
};
