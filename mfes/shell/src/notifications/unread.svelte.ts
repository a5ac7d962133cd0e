import { hear } from '../../../../shared/client/on-message.ts';
import { realtime } from '../../../../shared/contracts/realtime.ts';
import { onMessage, onStale } from '../live/live.svelte.ts';
import { client, session, sessionChanged } from '../session/session.svelte.ts';

/** How many notifications are unread, as the server told last. */
export const unread = $state({ count: 0 });

const read = async (): Promise<void> => {
  const userId = session.user?.id;
  if (userId === undefined) return;
  try {
    const told = await client.call(realtime.actions.notifications, { limit: 1 });
    if (session.user?.id === userId) unread.count = told.unread;
  } catch {
    // A number that is not known is not shown; the panel says why.
  }
};

/** Keeps the number true and tells of what is new; the words for that are loaded when they are needed. */
export const followUnread = (): (() => void) => {
  let userId = session.user?.id;
  const stops = [
    sessionChanged.on(() => {
      if (session.user?.id !== userId) unread.count = 0;
      userId = session.user?.id;
    }),
    onStale(() => void read()),
    hear({ on: onMessage }, realtime.messages.notificationsChanged, ({ unread: count, added }) => {
      unread.count = count;
      if (added !== null) void import('./show-notification.ts').then(({ tellOf }) => tellOf(added));
    }),
  ];
  return () => stops.forEach((stop) => stop());
};
