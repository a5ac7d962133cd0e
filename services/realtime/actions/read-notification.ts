import { AppError } from '../../../broker/calls/errors.ts';
import { callerOf, type Handler } from '../../../broker/calls/implement.ts';
import type { realtime } from '../../../shared/contracts/realtime.ts';
import { markRead } from '../persistence/notifications.ts';
import type { RealtimeService } from '../realtime.ts';
import { changeRead } from '../notifications/change-read.ts';

export const readNotification: Handler<RealtimeService, typeof realtime.actions.readNotification> = async (
  service,
  call,
) => {
  const { userId } = callerOf(call);
  return changeRead(service, userId, async (tx, now) => {
    const wasUnread = await markRead(tx, userId, call.params.id, now);
    if (wasUnread === null) throw new AppError('notification_not_found');
    return wasUnread;
  });
};
