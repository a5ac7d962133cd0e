import { subscribe } from '../../../broker/events/inbox.ts';
import { profile } from '../../../shared/contracts/profile.ts';
import { realtime } from '../../../shared/contracts/realtime.ts';
import { messagesFor, sendMessages } from '../messages/send.ts';
import { savePreferences } from '../persistence/preferences.ts';
import type { RealtimeService } from '../realtime.ts';

const onPreferencesChanged = subscribe(
  profile.events.preferencesChanged,
  async (service: RealtimeService, { payload: { userId, at: _at, ...preferences }, tx }) => {
    await savePreferences(tx, userId, preferences.notifications);
    await sendMessages(service, tx, messagesFor(realtime.messages.preferencesChanged, [userId], preferences));
  },
  { latest: { key: ({ userId }) => userId, version: ({ version }) => version } },
);

const onDetailsChanged = subscribe(
  profile.events.detailsChanged,
  async (service: RealtimeService, { payload: { userId, at }, tx }) =>
    sendMessages(service, tx, messagesFor(realtime.messages.profileChanged, [userId], { at })),
);

const onAvatarChanged = subscribe(
  profile.events.avatarChanged,
  async (service: RealtimeService, { payload: { userId, at }, tx }) =>
    sendMessages(service, tx, messagesFor(realtime.messages.profileChanged, [userId], { at })),
);

const onExportFinished = subscribe(
  profile.events.exportFinished,
  async (service: RealtimeService, { payload: { userId, at }, tx }) =>
    sendMessages(service, tx, messagesFor(realtime.messages.profileChanged, [userId], { at })),
);

export const profileSubscribers = [onPreferencesChanged, onDetailsChanged, onAvatarChanged, onExportFinished];
