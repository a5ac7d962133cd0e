import type { Handler } from '../../../broker/calls/implement.ts';
import type { realtime } from '../../../shared/contracts/realtime.ts';
import { listNotifications } from '../persistence/notifications.ts';
import type { RealtimeService } from '../realtime.ts';

/** A quarter of a megabyte in one answer. */
const PAGE_SIZE = 500;

export const notificationsOf: Handler<RealtimeService, typeof realtime.actions.notificationsOf> = (
  { db },
  { params: { userId, cursor } },
) => listNotifications(db, userId, { limit: PAGE_SIZE, cursor });
