import { onSignal } from '../../../broker/calls/signals.ts';
import { admin } from '../../../shared/contracts/admin/admin.ts';
import { realtime } from '../../../shared/contracts/realtime.ts';
import type { RealtimeService } from '../realtime.ts';
import { sendNotice } from '../sockets/notice.ts';

export const adminSignals = [
  onSignal(admin.signals.systemChanged, ({ state }: RealtimeService, changed) =>
    sendNotice(state, 'ADMIN', realtime.messages.systemChanged, changed),
  ),
  onSignal(admin.signals.auditEntriesAdded, ({ state }: RealtimeService, added) =>
    sendNotice(state, 'ADMIN', realtime.messages.auditEntriesAdded, added),
  ),
];
