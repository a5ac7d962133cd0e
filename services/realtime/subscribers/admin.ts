import { onSignal } from '../../../broker/calls/signals.ts';
import { subscribe } from '../../../broker/events/inbox.ts';
import { admin } from '../../../shared/contracts/admin/admin.ts';
import { realtime } from '../../../shared/contracts/realtime.ts';
import { voidedNotifications } from '../domain/notifications.ts';
import { sendMessages } from '../messages/send.ts';
import type { RealtimeService } from '../realtime.ts';
import { sendNotice } from '../sockets/notice.ts';

export const adminSubscribers = [
  subscribe(admin.events.settingChangeVoided, async (service: RealtimeService, { payload, tx }) =>
    sendMessages(service, tx, [], voidedNotifications(payload)),
  ),
];

/** Asks every open page at this process to read the settings again. */
export const noticeSettings = ({ state, clock }: RealtimeService): void =>
  sendNotice(state, 'everybody', realtime.messages.settingsChanged, { at: clock.iso() });

/** Each process notifies its own sockets. Nothing is stored: a client reads the settings when it connects. */
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
