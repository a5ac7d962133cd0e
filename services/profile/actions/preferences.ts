import { callerOf } from '../../../broker/implement.ts';
import { DEFAULT_PREFERENCES } from '../domain/preferences.ts';
import { findPreferences } from '../persistence/preferences.ts';
import type { ProfileAction } from '../profile-room.ts';

export const preferences: ProfileAction<'preferences'> = async (room, call) =>
  (await findPreferences(room.db, callerOf(call).userId)) ?? DEFAULT_PREFERENCES;
