import { callerOf } from '../../../broker/calls/implement.ts';
import { DEFAULT_PREFERENCES } from '../domain/preferences.ts';
import { findPreferences } from '../persistence/preferences.ts';
import type { ProfileAction } from '../profile.ts';

export const preferences: ProfileAction<'preferences'> = async (service, call) =>
  (await findPreferences(service.db, callerOf(call).userId)) ?? DEFAULT_PREFERENCES;
