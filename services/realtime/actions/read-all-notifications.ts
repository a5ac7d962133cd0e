import { callerOf, type Handler } from '../../../broker/calls/implement.ts';
import type { realtime } from '../../../shared/contracts/realtime.ts';
import { changeRead } from '../notifications/change-read.ts';
import { markAllRead } from '../persistence/notifications.ts';
import type { RealtimeService } from '../realtime.ts';

export const readAllNotifications: Handler<
  RealtimeService,
  typeof realtime.actions.readAllNotifications
> = async (service, call) => {
  const { userId } = callerOf(call);
  return changeRead(service, userId, (tx, now) => markAllRead(tx, userId, call.params, now));
};
