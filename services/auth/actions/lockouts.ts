import { lockoutId } from '../../../shared/contracts/ids.ts';
import { readCursor } from '../persistence/paging.ts';
import { listLockouts } from '../persistence/sign-in-failures.ts';
import type { AuthAction } from '../room.ts';

export const lockouts: AuthAction<'lockouts'> = async (room, call) => {
  const { limit, cursor } = call.params;
  const after = readCursor(cursor, lockoutId);
  const { rows, nextCursor } = await listLockouts(room.db, room.clock.now(), { limit, after });
  const items = rows.map(({ lockedUntil, lastFailureAt, ...row }) => ({
    ...row,
    lockedUntil: lockedUntil.toISOString(),
    lastFailureAt: lastFailureAt.toISOString(),
  }));
  return { items, nextCursor };
};
