import { onMessageOf } from '../../../../shared/client/on-message.ts';
import { realtime } from '../../../../shared/contracts/realtime.ts';
import { onMessage, onStale } from '../live/live.svelte.ts';
import { client, session, sessionChanged } from '../session/session.svelte.ts';

/** The number of unread notifications that the server last sent. */
export const unread = $state({ count: 0 });

let marking = 0;

/** Shows a count that was read or received. While marks are on their way it may be older than they are. */
export const showUnread = (count: number): void => {
  if (marking === 0) unread.count = count;
};

/** Sends marks; counts that arrive meanwhile are not shown. */
export const whileMarking = async <Result>(send: () => Promise<Result>): Promise<Result> => {
  marking += 1;
  try {
    return await send();
  } finally {
    marking -= 1;
  }
};

const read = async (): Promise<void> => {
  const userId = session.user?.id;
  if (userId === undefined) return;
  try {
    const result = await client.call(realtime.actions.notifications, { limit: 1 });
    if (session.user?.id === userId) showUnread(result.unread);
  } catch {
    // A number that is not known is not shown; the panel says why.
  }
};

/** Keeps the number current and shows new notifications; their texts are loaded on demand. */
export const subscribeUnread = (): (() => void) => {
  let userId = session.user?.id;
  const stops = [
    sessionChanged.on(() => {
      if (session.user?.id !== userId) unread.count = 0;
      userId = session.user?.id;
    }),
    onStale(() => void read()),
    onMessageOf({ on: onMessage }, realtime.messages.notificationsChanged, ({ unread: count, added }) => {
      showUnread(count);
      if (added !== null)
        void import('./show-notification.ts').then(({ showNotification }) => showNotification(added));
    }),
  ];
  return () => stops.forEach((stop) => stop());
};
