import type { Transaction } from '../../../broker/postgres/database.ts';
import type { Service } from '../../../broker/process/service.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { realtime } from '../../../shared/contracts/realtime.ts';
import { messagesFor, sendMessages } from '../messages/send.ts';
import { lockStreams, type NewMessage } from '../persistence/messages.ts';
import { countUnread, markApprovalRead, readersOfApproval } from '../persistence/notifications.ts';

/**
 * Marks as read for everybody that a request for approval waits, because it was decided.
 * @returns the messages with the new counts; the streams stay locked
 */
export const resolveApproval = async (
  { clock }: Pick<Service, 'clock'>,
  tx: Transaction,
  request: Parameters<typeof readersOfApproval>[1],
  admins: readonly UserId[],
): Promise<NewMessage[]> => {
  const readers = await readersOfApproval(tx, request);
  if (readers.length === 0) return [];
  await lockStreams(tx, [...admins, ...readers]);
  await markApprovalRead(tx, request, clock.now());
  const unread = await countUnread(tx, readers);
  return readers.flatMap((userId) =>
    messagesFor(realtime.messages.notificationsChanged, [userId], {
      unread: unread.get(userId) ?? 0,
      added: null,
    }),
  );
};

/**
 * Marks notifications as read and sends the new count to the user's devices, unless nothing changed. The
 * user's stream is locked meanwhile, so that counts are sent in the order in which they were true.
 * @param change resolves to whether any notification was unread
 */
export const changeRead = (
  service: Pick<Service, 'db' | 'clock'>,
  userId: UserId,
  change: (tx: Transaction, now: Date) => Promise<boolean>,
): Promise<{ unread: number }> =>
  service.db.transaction(async (tx) => {
    await lockStreams(tx, [userId]);
    const hasChanged = await change(tx, service.clock.now());
    const unread = (await countUnread(tx, [userId])).get(userId) ?? 0;
    const payload = { unread, added: null };
    if (hasChanged) {
      const messages = messagesFor(realtime.messages.notificationsChanged, [userId], payload);
      await sendMessages(service, tx, messages);
    }
    return { unread };
  });
