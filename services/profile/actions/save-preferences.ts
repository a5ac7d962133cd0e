import { callerOf } from '../../../broker/calls/implement.ts';
import type { Transaction } from '../../../broker/postgres/database.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { profile, type Preferences } from '../../../shared/contracts/profile.ts';
import { DEFAULT_PREFERENCES, merged, type PreferencesChange } from '../domain/preferences.ts';
import { insertPreferences, lockPreferences, updatePreferences } from '../persistence/preferences.ts';
import type { ProfileAction, ProfileService } from '../profile.ts';

/** Merges the change into the locked row, so that concurrent changes of different fields are all kept. */
const merge = async (
  service: ProfileService,
  tx: Transaction,
  userId: UserId,
  change: PreferencesChange,
): Promise<Preferences> => {
  const stored = await lockPreferences(tx, userId);
  const current = stored ?? DEFAULT_PREFERENCES;
  const next = merged(current, change);
  if (!next) return current;
  const at = service.clock.now();
  if (stored) await updatePreferences(tx, userId, next, at);
  // A concurrent first change has inserted the row meanwhile; this one is merged into it.
  else if (!(await insertPreferences(tx, userId, next, at))) return merge(service, tx, userId, change);
  await service.outbox.add(tx, profile.events.preferencesChanged, { ...next, userId, at: at.toISOString() });
  return next;
};

export const savePreferences: ProfileAction<'savePreferences'> = (service, call) =>
  service.db.transaction((tx) => merge(service, tx, callerOf(call).userId, call.params));
