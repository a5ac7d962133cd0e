import { callerOf, type Handler } from '../../../broker/calls/implement.ts';
import type { realtime } from '../../../shared/contracts/realtime.ts';
import { countUnread, listNotifications } from '../persistence/notifications.ts';
import type { RealtimeService } from '../realtime.ts';

export const notifications: Handler<RealtimeService, typeof realtime.actions.notifications> = async (
  { db },
  call,
) => {
  const { userId } = callerOf(call);
  const [page, unread] = await Promise.all([
    listNotifications(db, userId, call.params),
    countUnread(db, [userId]),
  ]);
  return { ...page, unread: unread.get(userId) ?? 0 };
};
