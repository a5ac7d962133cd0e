import type { Queryable } from '../../../broker/postgres/database.ts';
import type { Service } from '../../../broker/process/service.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { readNames, saveUser } from '../persistence/users.ts';

/** The name in a notification whose other party auth does not have either. */
const UNKNOWN_USER = 'Unknown user';

/** The names of these users. A user of whom no event has arrived yet is fetched from auth and saved. */
export const userNames = async (
  { call }: Pick<Service, 'call'>,
  tx: Queryable,
  ids: readonly UserId[],
): Promise<(id: UserId) => string> => {
  const names = await readNames(tx, ids);
  // Sorted: two transactions that save the same users lock their rows in the same order.
  for (const id of ids.filter((one) => !names.has(one)).sort()) {
    const { user } = await call(auth.actions.findUser, { id });
    if (!user) continue;
    await saveUser(tx, user);
    names.set(id, user.name);
  }
  return (id) => names.get(id) ?? UNKNOWN_USER;
};
