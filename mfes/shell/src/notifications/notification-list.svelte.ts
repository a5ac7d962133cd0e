import { onMessageOf, REREAD } from '../../../../shared/client/on-message.ts';
import { realtime, type Notification } from '../../../../shared/contracts/realtime.ts';
import { onMessage } from '../live/live.svelte.ts';
import { client, session } from '../session/session.svelte.ts';
import { unread } from './unread.svelte.ts';

const PAGE_SIZE = 20;
const PAGE_SIZE_MAX = 100;

type Shown = {
  /** Newest first; null until they have been read. */
  items: readonly Notification[] | null;
  nextCursor: string | null;
  loading: boolean;
  error: unknown;
  loadingMore: boolean;
  moreError: unknown;
};

const NOTHING: Shown = {
  items: null,
  nextCursor: null,
  loading: false,
  error: null,
  loadingMore: false,
  moreError: null,
};

/** The notifications that are shown, page after page. */
const createPages = () => {
  let shown = $state.raw(NOTHING);
  let reads = 0;
  const set = (change: Partial<Shown>): void => {
    shown = { ...shown, ...change };
  };

  const load = async (): Promise<void> => {
    const mine = ++reads;
    set({ loading: true });
    try {
      // As many as are shown, so that nothing shrinks under the reader's eyes.
      const limit = Math.min(PAGE_SIZE_MAX, Math.max(PAGE_SIZE, shown.items?.length ?? 0));
      const page = await client.call(realtime.actions.notifications, { limit });
      if (mine !== reads) return;
      unread.count = page.unread;
      set({ ...NOTHING, items: page.items, nextCursor: page.nextCursor });
    } catch (error) {
      if (mine === reads) set({ error, loading: false });
    }
  };

  /** Reads on; gives back the first one that was not there before. */
  const more = async (): Promise<Notification | undefined> => {
    const { nextCursor: cursor, loadingMore } = shown;
    if (cursor === null || loadingMore) return undefined;
    const mine = reads;
    set({ loadingMore: true, moreError: null });
    try {
      const page = await client.call(realtime.actions.notifications, { limit: PAGE_SIZE, cursor });
      if (mine !== reads) return undefined;
      const items = [...(shown.items ?? []), ...page.items];
      set({ items, nextCursor: page.nextCursor, loadingMore: false });
      return page.items[0];
    } catch (moreError) {
      if (mine === reads) set({ moreError, loadingMore: false });
      return undefined;
    }
  };

  return {
    get shown() {
      return shown;
    },
    change: (to: (items: readonly Notification[]) => readonly Notification[]): void =>
      set({ items: to(shown.items ?? []) }),
    load,
    more,
  };
};

const createList = (userId: string) => {
  const pages = createPages();
  let marks = 0;

  const show = (ids: ReadonlySet<string>, read: boolean): void => {
    pages.change((items) => items.map((item) => (ids.has(item.id) ? { ...item, read } : item)));
    unread.count = Math.max(0, unread.count + (read ? -ids.size : ids.size));
  };
  /** Shows them as read at once; what the server does not take is unread again. */
  const mark = async (items: readonly Notification[], send: () => Promise<{ unread: number }>) => {
    const ids = new Set<string>(items.filter(({ read }) => !read).map(({ id }) => id));
    const mine = ++marks;
    show(ids, true);
    try {
      const result = await send();
      if (mine === marks) unread.count = result.unread;
    } catch (error) {
      show(ids, false);
      throw error;
    }
  };
  const add = (added: Notification): void =>
    pages.change((items) => (items.some(({ id }) => id === added.id) ? items : [added, ...items]));

  return {
    userId,
    get shown() {
      return pages.shown;
    },
    load: pages.load,
    more: pages.more,
    markRead: (item: Notification) =>
      mark([item], () => client.call(realtime.actions.readNotification, { id: item.id })),
    /** All that is shown and what is older; not what has come since. */
    markAllRead: () => {
      const { items } = pages.shown;
      const upTo = items?.[0]?.id;
      return mark(items ?? [], () => client.call(realtime.actions.readAllNotifications, { upTo }));
    },
    /** Keeps to what is result; returns what stops it. */
    subscribe: (): (() => void) => {
      const stops = [
        onMessage(REREAD, () => void pages.load()),
        onMessageOf({ on: onMessage }, realtime.messages.notificationsChanged, ({ added }) => {
          if (added === null) void pages.load();
          else if (pages.shown.items !== null) add(added);
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
