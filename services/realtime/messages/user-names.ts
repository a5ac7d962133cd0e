import type { Queryable } from '../../../broker/postgres/database.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { readNames, savePerson } from '../persistence/users.ts';
import type { RealtimeService } from '../realtime.ts';

const NOBODY = 'Somebody';

/** What people are called; auth is asked for those whom no event has told us of yet. */
export const namesOf = async (
  service: RealtimeService,
  tx: Queryable,
  ids: readonly UserId[],
): Promise<(id: UserId) => string> => {
  const names = await readNames(tx, ids);
  // Always in the same order: two transactions that learn of the same people do not wait for each other.
  for (const id of ids.filter((one) => !names.has(one)).sort()) {
    const { user } = await service.call(auth.actions.findUser, { id });
    if (!user) continue;
    await savePerson(tx, user);
    names.set(id, user.name);
  }
  return (id) => names.get(id) ?? NOBODY;
};
