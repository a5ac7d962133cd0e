import { createGrowingList, EMPTY_LIST, type GrowingList } from '../../../../shared/client/growing-list.ts';
import { onMessageOf, REREAD } from '../../../../shared/client/on-message.ts';
import { realtime, type Notification } from '../../../../shared/contracts/realtime.ts';
import { onMessage } from '../live/live.svelte.ts';
import { client, session } from '../session/session.svelte.ts';
import { showUnread, unread, whileMarking } from './unread.svelte.ts';

const PAGE_SIZE = 20;
const PAGE_SIZE_MAX = 100;

type Read = Awaited<ReturnType<typeof readPage>>;
const readPage = (params: { limit: number; cursor?: string }, signal: AbortSignal) =>
  client.call(realtime.actions.notifications, params, { signal });

const createList = (userId: string) => {
  let shown = $state.raw<GrowingList<Notification>>(EMPTY_LIST);
  /** The answer to an earlier user's request may come late. */
  const setUnread = (count: number): void => {
    if (session.user?.id === userId) unread.count = count;
  };
  const list = createGrowingList<Notification, Read>({
    pageSize: PAGE_SIZE,
    maxSize: PAGE_SIZE_MAX,
    read: readPage,
    set: (next) => (shown = next),
    onLoad: (page) => {
      if (session.user?.id === userId) showUnread(page.unread);
    },
  });
  let marks = 0;

  const show = (ids: ReadonlySet<string>, read: boolean): void => {
    list.edit((items) => items.map((item) => (ids.has(item.id) ? { ...item, read } : item)));
    setUnread(Math.max(0, unread.count + (read ? -ids.size : ids.size)));
  };
  /** Shows them as read at once, and as unread again if the request fails. */
  const mark = async (items: readonly Notification[], send: () => Promise<{ unread: number }>) => {
    const ids = new Set<string>(items.filter(({ read }) => !read).map(({ id }) => id));
    const mine = ++marks;
    show(ids, true);
    try {
      const result = await whileMarking(send);
      if (mine === marks) setUnread(result.unread);
    } catch (error) {
      show(ids, false);
      throw error;
    }
  };
  const add = (added: Notification): void =>
    list.edit((items) => (items.some(({ id }) => id === added.id) ? items : [added, ...items]));

  return {
    userId,
    get shown() {
      return shown;
    },
    load: list.load,
    more: list.more,
    markRead: (item: Notification) =>
      mark([item], () => client.call(realtime.actions.readNotification, { id: item.id })),
    /** Marks notifications that follow each other in the list, newest first. */
    markGroupRead: (items: readonly Notification[]) =>
      mark(items, () =>
        client.call(realtime.actions.readAllNotifications, { from: items.at(-1)?.id, upTo: items[0]?.id }),
      ),
    /** Marks the shown ones and all older ones, but none that arrived later. */
    markAllRead: () => {
      const { items } = shown;
      const upTo = items?.[0]?.id;
      return mark(items ?? [], () => client.call(realtime.actions.readAllNotifications, { upTo }));
    },
    /** Keeps the list current; returns the function that stops it. */
    subscribe: (): (() => void) => {
      const stops = [
        onMessage(REREAD, () => void list.load()),
        onMessageOf({ on: onMessage }, realtime.messages.notificationsChanged, ({ added }) => {
          if (added === null) void list.load();
          else add(added);
        }),
      ];
      return () => stops.forEach((stop) => stop());
    },
  };
};

let known: ReturnType<typeof createList> | null = null;

/** The newest notifications of the signed-in user; kept while the panel is closed. */
export const notificationList = (): ReturnType<typeof createList> => {
  const userId = session.user?.id ?? '';
  if (known?.userId !== userId) known = createList(userId);
  return known;
};
