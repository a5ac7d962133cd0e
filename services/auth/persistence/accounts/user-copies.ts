import type { Queryable } from '../../../../broker/postgres/database.ts';
import type { ParsedParamsOf, PayloadOf } from '../../../../shared/contracts/contract.ts';
import type { auth } from '../../../../shared/contracts/auth/auth.ts';
import { publicStatus } from '../../domain/accounts/user-state.ts';
import { COLUMNS, type UserRow } from './users.ts';

type UserCopy = PayloadOf<typeof auth.events.userChanged>;

/** Users as other services keep them: the next ones after an id, or certain ones. */
export const readUserCopies = async (
  db: Queryable,
  params: ParsedParamsOf<typeof auth.actions.userCopies>,
): Promise<UserCopy[]> => {
  const rows =
    'ids' in params
      ? await db.query<UserRow>(`select ${COLUMNS} from users where id = any($1)`, [params.ids])
      : await db.query<UserRow>(`select ${COLUMNS} from users where id > $1 order by id limit $2`, [
          params.after,
          params.limit,
        ]);
  return rows.map((user) => ({
    ...{ id: user.id, email: user.email, name: user.name, role: user.role, version: user.version },
    status: publicStatus(user),
  }));
};
