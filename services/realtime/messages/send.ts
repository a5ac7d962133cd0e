import { currentTraceparent } from '../../../broker/calls/request-context.ts';
import { newId } from '../../../broker/process/ids.ts';
import type { Service } from '../../../broker/process/service.ts';
import type { Transaction } from '../../../broker/postgres/database.ts';
import type { Message, PayloadOf } from '../../../shared/contracts/contract.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { DEFAULT_NOTIFICATIONS } from '../../../shared/contracts/profile.ts';
import { realtime } from '../../../shared/contracts/realtime.ts';
import { byPreferences, isRecent, type NotificationDraft } from '../domain/notifications.ts';
import { lockStreams, writeMessages, type NewMessage } from '../persistence/messages.ts';
import { addNotifications, UNREAD_MAX } from '../persistence/notifications.ts';
import { readPreferences } from '../persistence/preferences.ts';

/** The PostgreSQL notification channel; its payloads are the ids of users with new messages. */
export const MESSAGES_CHANNEL = 'messages';

/** The same message for each of these users, checked against its contract. */
export const messagesFor = <M extends Message & { notice?: never }>(
  message: M,
  to: Iterable<UserId>,
  payload: PayloadOf<M>,
): NewMessage[] => {
  const text = JSON.stringify(message.payload.parse(payload));
  return [...new Set(to)].map((userId) => ({ userId, name: message.name, payload: text }));
};

const withoutUnwanted = async (
  tx: Transaction,
  drafts: readonly NotificationDraft[],
): Promise<NotificationDraft[]> => {
  const userIds = drafts.filter(({ kind }) => kind !== 'always').map(({ to }) => to);
  const stored = userIds.length > 0 ? await readPreferences(tx, userIds) : null;
  return byPreferences(drafts, (userId) => stored?.get(userId) ?? DEFAULT_NOTIFICATIONS);
};

/** Stores notifications and returns their messages. The streams are locked, so unread counts are in order. */
const addWithMessages = async (
  tx: Transaction,
  drafts: readonly NotificationDraft[],
  nowMs: number,
): Promise<NewMessage[]> => {
  const added = drafts.map((draft) => {
    const { to, content, party = null, at } = draft;
    const id = newId('notification', Date.parse(at));
    return { id, to, content, party, createdAt: at, read: !isRecent(draft, nowMs) };
  });
  const unread = await addNotifications(tx, added);
  return added.flatMap(({ to, party: _party, ...notification }) => {
    if (notification.read) return [];
    const count = Math.min((unread.get(to) ?? 0) + 1, UNREAD_MAX);
    unread.set(to, count);
    const payload = { unread: count, added: notification };
    return messagesFor(realtime.messages.notificationsChanged, [to], payload);
  });
};

/**
 * Adds messages to the streams of their users, and stores the notifications that their users' preferences
 * allow, in the transaction that handles the event. After the commit every process sends them to its sockets.
 */
export const sendMessages = async (
  { db, clock }: Pick<Service, 'db' | 'clock'>,
  tx: Transaction,
  messages: readonly NewMessage[],
  drafts: readonly NotificationDraft[] = [],
): Promise<void> => {
  const wanted = await withoutUnwanted(tx, drafts);
  const all = [...messages];
  if (wanted.length > 0) {
    await lockStreams(tx, [...messages.map(({ userId }) => userId), ...wanted.map(({ to }) => to)]);
    all.push(...(await addWithMessages(tx, wanted, clock.nowMs())));
  }
  if (all.length === 0) return;
  await writeMessages(tx, all, clock.now(), currentTraceparent());
  tx.afterCommit(() => {
    for (const { userId } of all) db.notify(MESSAGES_CHANNEL, userId);
  });
};
