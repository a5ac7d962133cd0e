import { newId } from '../../../broker/process/ids.ts';
import type { Transaction } from '../../../broker/postgres/database.ts';
import type { Message, PayloadOf } from '../../../shared/contracts/contract.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { DEFAULT_NOTIFICATIONS } from '../../../shared/contracts/profile.ts';
import { realtime } from '../../../shared/contracts/realtime.ts';
import { isNews, wanted, type Notice } from '../domain/notices.ts';
import { lockStreams, writeMessages, type Written } from '../persistence/messages.ts';
import { addNotifications, UNREAD_MAX } from '../persistence/notifications.ts';
import { readPreferences } from '../persistence/preferences.ts';
import type { RealtimeService } from '../realtime.ts';

/** Says whose streams have grown. */
export const MESSAGES_CHANNEL = 'news';

/** One message for each of these users; nothing that the contract does not know is ever written. */
export const saying = <M extends Message>(
  message: M,
  to: Iterable<UserId>,
  payload: PayloadOf<M>,
): Written[] => {
  const text = JSON.stringify(message.payload.parse(payload));
  return [...new Set(to)].map((userId) => ({ userId, name: message.name, payload: text }));
};

const byPreference = async (tx: Transaction, notices: readonly Notice[]): Promise<Notice[]> => {
  const asked = notices.filter(({ kind }) => kind !== 'always').map(({ to }) => to);
  const known = asked.length > 0 ? await readPreferences(tx, asked) : null;
  return wanted(notices, (userId) => known?.get(userId) ?? DEFAULT_NOTIFICATIONS);
};

/** Keeps notifications, and says so to their users, whose streams are held: counts are true in order. */
const notify = async ({ clock }: RealtimeService, tx: Transaction, notices: readonly Notice[]) => {
  const nowMs = clock.nowMs();
  const added = notices.map((notice) => {
    const { to, content, at } = notice;
    const id = newId('notification', Date.parse(at));
    return { id, to, content, createdAt: at, read: !isNews(notice, nowMs) };
  });
  const unread = await addNotifications(tx, added);
  return added.flatMap(({ to, ...notification }) => {
    if (notification.read) return [];
    const now = Math.min((unread.get(to) ?? 0) + 1, UNREAD_MAX);
    unread.set(to, now);
    return saying(realtime.messages.notificationsChanged, [to], { unread: now, added: notification });
  });
};

/**
 * Tells users something, in the transaction that learned of it: messages into their streams, and
 * notifications for those who want them. Sockets are served after the commit, at whichever process.
 */
export const tell = async (
  service: RealtimeService,
  tx: Transaction,
  messages: readonly Written[],
  notices: readonly Notice[] = [],
): Promise<void> => {
  const notified = await byPreference(tx, notices);
  const all = [...messages];
  if (notified.length > 0) {
    await lockStreams(tx, [...messages.map(({ userId }) => userId), ...notified.map(({ to }) => to)]);
    all.push(...(await notify(service, tx, notified)));
  }
  if (all.length === 0) return;
  await writeMessages(tx, all, service.clock.now());
  tx.afterCommit(() => {
    for (const { userId } of all) service.db.notify(MESSAGES_CHANNEL, userId);
  });
};
