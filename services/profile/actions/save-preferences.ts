import { callerOf } from '../../../broker/calls/implement.ts';
import type { Transaction } from '../../../broker/postgres/database.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { profile, type Preferences } from '../../../shared/contracts/profile.ts';
import { DEFAULT_PREFERENCES, merged, type PreferencesChange } from '../domain/preferences.ts';
import { insertPreferences, lockPreferences, updatePreferences } from '../persistence/preferences.ts';
import type { ProfileAction, ProfileService } from '../profile.ts';

/** Merges into what the row's lock holds, so that devices that change different things lose nothing. */
const merge = async (
  service: ProfileService,
  tx: Transaction,
  userId: UserId,
  change: PreferencesChange,
): Promise<Preferences> => {
  const held = await lockPreferences(tx, userId);
  const present = held ?? DEFAULT_PREFERENCES;
  const next = merged(present, change);
  if (!next) return present;
  const at = service.clock.now();
  if (held) await updatePreferences(tx, userId, next, at);
  // Two first choices at the same moment: the second one finds the first one's row now, and merges into it.
  else if (!(await insertPreferences(tx, userId, next, at))) return merge(service, tx, userId, change);
  await service.outbox.add(tx, profile.events.preferencesChanged, { ...next, userId, at: at.toISOString() });
  return next;
};

export const savePreferences: ProfileAction<'savePreferences'> = (service, call) =>
  service.db.transaction((tx) => merge(service, tx, callerOf(call).userId, call.params));
