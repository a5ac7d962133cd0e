import type { Transaction } from '../../../broker/postgres/database.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { realtime } from '../../../shared/contracts/realtime.ts';
import { saying, tell } from '../messages/send.ts';
import { lockStreams } from '../persistence/messages.ts';
import { countUnread } from '../persistence/notifications.ts';
import type { RealtimeService } from '../realtime.ts';

/**
 * Marks something as read and tells the user's other devices; nobody is told where nothing changed. The
 * user's stream is held meanwhile, so that counts are true in the order in which they are told.
 * @param change answers whether anything was unread
 */
export const changeRead = (
  service: RealtimeService,
  userId: UserId,
  change: (tx: Transaction, now: Date) => Promise<boolean>,
): Promise<{ unread: number }> =>
  service.db.transaction(async (tx) => {
    await lockStreams(tx, [userId]);
    const hasChanged = await change(tx, service.clock.now());
    const unread = (await countUnread(tx, [userId])).get(userId) ?? 0;
    const news = { unread, added: null };
    if (hasChanged) await tell(service, tx, saying(realtime.messages.notificationsChanged, [userId], news));
    return { unread };
  });
