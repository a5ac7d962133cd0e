import { listen } from '../../../broker/events/inbox.ts';
import { profile } from '../../../shared/contracts/profile.ts';
import { realtime } from '../../../shared/contracts/realtime.ts';
import { saying, tell } from '../messages/tell.ts';
import { savePreferences } from '../persistence/preferences.ts';
import type { RealtimeRoom } from '../realtime-room.ts';

export const onPreferencesChanged = listen(
  profile.facts.preferencesChanged,
  async (room: RealtimeRoom, { payload: { userId, at: _at, ...preferences }, tx }) => {
    await savePreferences(tx, userId, preferences.notifications);
    await tell(room, tx, saying(realtime.messages.preferencesChanged, [userId], preferences));
  },
  { latest: { key: ({ userId }) => userId, version: ({ version }) => version } },
);
