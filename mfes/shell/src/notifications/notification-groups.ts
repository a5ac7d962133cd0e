import type { Notification } from '../../../../shared/contracts/realtime.ts';

/** What the list shows as one: a notification, or several sign-ins of a day. Newest first, never empty. */
export type NotificationGroup = {
  /** That of the oldest one, so that a group stays the same while newer ones arrive. */
  id: string;
  items: readonly [Notification, ...Notification[]];
};

const dayOf = ({ createdAt }: Notification): string => new Date(createdAt).toDateString();

const belongTogether = (one: Notification, next: Notification): boolean =>
  one.content.type === 'signed_in' && next.content.type === 'signed_in' && dayOf(one) === dayOf(next);

/** The list with sign-ins that follow each other on one day, in the reader's time zone, as one group. */
export const groupNotifications = (items: readonly Notification[]): NotificationGroup[] => {
  const groups: NotificationGroup[] = [];
  for (const item of items) {
    const last = groups.at(-1);
    if (last !== undefined && belongTogether(last.items[0], item)) {
      groups[groups.length - 1] = { id: item.id, items: [...last.items, item] };
    } else {
      groups.push({ id: item.id, items: [item] });
    }
  }
  return groups;
};
