import { callerOf } from '../../../broker/implement.ts';
import type { Transaction } from '../../../broker/postgres/database.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { profile, type Preferences } from '../../../shared/contracts/profile.ts';
import { DEFAULT_PREFERENCES, merged, type PreferencesChange } from '../domain/preferences.ts';
import { insertPreferences, lockPreferences, updatePreferences } from '../persistence/preferences.ts';
import type { ProfileAction, ProfileRoom } from '../profile-room.ts';

/** Merges into what the row's lock holds, so that devices that change different things lose nothing. */
const merge = async (
  room: ProfileRoom,
  tx: Transaction,
  userId: UserId,
  change: PreferencesChange,
): Promise<Preferences> => {
  const held = await lockPreferences(tx, userId);
  const present = held ?? DEFAULT_PREFERENCES;
  const next = merged(present, change);
  if (!next) return present;
  const at = room.clock.now();
  if (held) await updatePreferences(tx, userId, next, at);
  // Two first choices at the same moment: the second one finds the first one's row now, and merges into it.
  else if (!(await insertPreferences(tx, userId, next, at))) return merge(room, tx, userId, change);
  await room.outbox.add(tx, profile.facts.preferencesChanged, { ...next, userId, at: at.toISOString() });
  return next;
};

export const savePreferences: ProfileAction<'savePreferences'> = (room, call) =>
  room.db.transaction((tx) => merge(room, tx, callerOf(call).userId, call.params));
