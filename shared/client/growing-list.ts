import { hasCode } from './problem.ts';

export type GrowingList<Item> = {
  /** In the server's order; null until the first answer. */
  items: readonly Item[] | null;
  nextCursor: string | null;
  loading: boolean;
  /** Why the last load failed; null otherwise. */
  error: unknown;
  loadingMore: boolean;
  /** Why the last request for more items failed; null otherwise. */
  moreError: unknown;
};

export const EMPTY_LIST: GrowingList<never> = {
  items: null,
  nextCursor: null,
  loading: false,
  error: null,
  loadingMore: false,
  moreError: null,
};

type Page<Item> = { items: readonly Item[]; nextCursor: string | null };
type PageParams = { limit: number; cursor?: string };

export type GrowingListOptions<Item, Read extends Page<Item>> = {
  pageSize: number;
  /** The greatest `limit` of the action; a longer list shrinks to it when it is loaded again. */
  maxSize: number;
  read: (params: PageParams, signal: AbortSignal) => Promise<Read>;
  /** Receives each new state. */
  set: (list: GrowingList<Item>) => void;
  /** Called with each loaded page, before `set`. */
  onLoad?: (page: Read) => void;
};

/**
 * A list that grows by a page at a time and can be loaded again at any moment.
 * Failures are part of its state.
 */
export const createGrowingList = <Item extends { id: string }, Read extends Page<Item>>(
  options: GrowingListOptions<Item, Read>,
) => {
  const { pageSize, maxSize } = options;
  let list: GrowingList<Item> = EMPTY_LIST;
  let asked = new AbortController();
  /** The number of items asked for, so that a load does not undo a request for more. */
  let wanted = pageSize;
  let lastLoad: Promise<void> = Promise.resolve();

  const change = (changes: Partial<GrowingList<Item>>): void => {
    list = { ...list, ...changes };
    options.set(list);
  };
  /** Replaces the request under way. Null when it failed or was replaced itself. */
  const read = async (params: PageParams, errorField: 'error' | 'moreError'): Promise<Read | null> => {
    asked.abort();
    const { signal } = (asked = new AbortController());
    try {
      const page = await options.read(params, signal);
      return signal.aborted ? null : page;
    } catch (error) {
      if (!signal.aborted) change({ loading: false, loadingMore: false, [errorField]: error });
      return null;
    }
  };
  const loadPages = async (): Promise<void> => {
    // An error stays beside an old list until the next answer; without a list, the page shows a skeleton.
    change({
      loading: true,
      loadingMore: false,
      moreError: null,
      ...(list.items === null && { error: null }),
    });
    const page = await read({ limit: Math.min(maxSize, Math.max(wanted, list.items?.length ?? 0)) }, 'error');
    if (page === null) return;
    options.onLoad?.(page);
    change({ items: page.items, nextCursor: page.nextCursor, loading: false, error: null });
  };
  /** Loads all pages that are shown; they stay until the answer arrives. */
  const load = (): Promise<void> => (lastLoad = loadPages());

  /** Appends the next page. */
  const more = async (): Promise<void> => {
    const { items, nextCursor: cursor, loading, loadingMore } = list;
    if (items === null || cursor === null || loadingMore) return;
    wanted = items.length + pageSize;
    if (loading) return load();
    change({ loadingMore: true, moreError: null });
    const page = await read({ limit: pageSize, cursor }, 'moreError');
    if (hasCode(list.moreError, 'invalid_cursor')) return load();
    // A load replaced this request and reads the same items.
    if (page === null) return lastLoad;
    const shown = list.items ?? [];
    const added = page.items.filter(({ id }) => shown.every((one) => one.id !== id));
    change({ items: [...shown, ...added], nextCursor: page.nextCursor, loadingMore: false });
  };

  return {
    load,
    more,
    /** Changes the shown items without a request. */
    edit: (to: (items: readonly Item[]) => readonly Item[]): void =>
      change({ items: list.items && to(list.items) }),
    stop: (): void => asked.abort(),
  };
};
