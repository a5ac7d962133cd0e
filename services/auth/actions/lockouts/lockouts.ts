import { itemsOf } from '../../../../broker/postgres/items.ts';
import { lockoutId } from '../../../../shared/contracts/ids.ts';
import type { AuthAction } from '../../auth.ts';
import { wholeFailures } from '../../domain/lockouts/lockout.ts';
import { listLockouts } from '../../persistence/lockouts/sign-in-failures.ts';
import { positionIn } from '../../persistence/paging.ts';

export const lockouts: AuthAction<'lockouts'> = async (service, call) => {
  const { limit, cursor } = call.params;
  const after = positionIn(cursor, lockoutId);
  const { rows, nextCursor } = await listLockouts(service.db, service.clock.now(), { limit, after });
  const items = itemsOf(rows, ({ failures, lockedUntil, lastFailureAt, ...row }) => ({
    ...row,
    failures: wholeFailures(failures),
    lockedUntil: lockedUntil.toISOString(),
    lastFailureAt: lastFailureAt.toISOString(),
  }));
  return { items, nextCursor };
};
