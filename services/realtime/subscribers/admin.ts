import { onSignal } from '../../../broker/calls/signals.ts';
import { subscribe } from '../../../broker/events/inbox.ts';
import { admin } from '../../../shared/contracts/admin/admin.ts';
import { realtime } from '../../../shared/contracts/realtime.ts';
import { voidedNotifications } from '../domain/notifications.ts';
import { sendMessages } from '../messages/send.ts';
import type { RealtimeService } from '../realtime.ts';
import { noticeSettings, sendNotice } from '../sockets/notice.ts';

export const adminSubscribers = [
  subscribe(admin.events.settingChangeVoided, async (service: RealtimeService, { payload, tx }) =>
    sendMessages(service, tx, [], voidedNotifications(payload)),
  ),
];

/** Each process notifies its own sockets. Nothing is stored: a client that comes back is notified as well. */
export const adminBroadcast = [
  subscribe(admin.events.settingChanged, async (service: RealtimeService) => noticeSettings(service)),
];

export const adminSignals = [
  onSignal(admin.signals.systemChanged, ({ state }: RealtimeService, changed) =>
    sendNotice(state, 'ADMIN', realtime.messages.systemChanged, changed),
  ),
  onSignal(admin.signals.auditEntriesAdded, ({ state }: RealtimeService, added) =>
    sendNotice(state, 'ADMIN', realtime.messages.auditEntriesAdded, added),
  ),
];
