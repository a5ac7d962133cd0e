import { callerOf, type Handler } from '../../../broker/implement.ts';
import type { realtime } from '../../../shared/contracts/realtime.ts';
import { changeRead } from '../notifications/change-read.ts';
import { markAllRead } from '../persistence/notifications.ts';
import type { RealtimeRoom } from '../realtime-room.ts';

export const readAllNotifications: Handler<
  RealtimeRoom,
  typeof realtime.actions.readAllNotifications
> = async (room, call) => {
  const { userId } = callerOf(call);
  return changeRead(room, userId, (tx, now) => markAllRead(tx, userId, call.params.upTo ?? null, now));
};
