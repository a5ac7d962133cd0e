import { AppError } from '../../../broker/errors.ts';
import { callerOf, type Handler } from '../../../broker/implement.ts';
import type { realtime } from '../../../shared/contracts/realtime.ts';
import { markRead } from '../persistence/notifications.ts';
import type { RealtimeRoom } from '../realtime-room.ts';
import { changeRead } from '../notifications/change-read.ts';

export const readNotification: Handler<RealtimeRoom, typeof realtime.actions.readNotification> = async (
  room,
  call,
) => {
  const { userId } = callerOf(call);
  return changeRead(room, userId, async (tx, now) => {
    const wasUnread = await markRead(tx, userId, call.params.id, now);
    if (wasUnread === null) throw new AppError('notification_not_found');
    return wasUnread;
  });
};
