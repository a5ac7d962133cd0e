import { AppError } from '../../../broker/calls/errors.ts';
import { callerOf } from '../../../broker/calls/implement.ts';
import { profile } from '../../../shared/contracts/profile.ts';
import { changedDetails, NO_DETAILS } from '../domain/details.ts';
import { findDetails, saveVersion } from '../persistence/details.ts';
import type { ProfileAction } from '../profile.ts';

export const saveDetails: ProfileAction<'saveDetails'> = (service, call) => {
  const { userId } = callerOf(call);
  const { version, ...change } = call.params;
  return service.db.transaction(async (tx) => {
    const current = (await findDetails(tx, userId)) ?? NO_DETAILS;
    const changed = changedDetails(current, change);
    // Repeated after a lost answer, a change finds its own result: nothing is left to change.
    if (!changed) return current;
    if (version !== current.version) throw new AppError('profile_changed');
    const { next, fields } = changed;
    const at = service.clock.now();
    if (!(await saveVersion(tx, userId, next, at))) throw new AppError('profile_changed');
    const event = { userId, fields, version: next.version, at: at.toISOString() };
    await service.outbox.add(tx, profile.events.detailsChanged, event);
    return next;
  });
};
