export type ListPage<T> = { items: T[]; nextCursor: string | null };

type Shown<T> = {
  /** Null until the first page has arrived. */
  items: T[] | null;
  nextCursor: string | null;
  error: unknown;
  loading: boolean;
};

export type KeysetList<T, P> = {
  readonly shown: Shown<T>;
  /** Reads a page, in place of the one before; what is shown stays until the answer arrives. */
  load(params: P): Promise<void>;
  /** Reads the same page again, after an error. */
  again(): Promise<void>;
  /**
   * Reads the same page without a sign of it, and shows what `merge` makes of it; a failure changes nothing,
   * because the next read may succeed.
   */
  refresh(merge?: (shown: T[], read: T[]) => T[]): Promise<void>;
  /** Shows other items in place of those of the page. */
  change(items: T[]): void;
  stop(): void;
};

/** One page of a list that is read by cursor. */
export const createKeysetList = <T, P>(
  read: (params: P, signal: AbortSignal) => Promise<ListPage<T>>,
): KeysetList<T, P> => {
  let shown = $state.raw<Shown<T>>({ items: null, nextCursor: null, error: null, loading: true });
  let params: P | undefined;
  let asked = new AbortController();

  const load = async (next: P): Promise<void> => {
    asked.abort();
    const { signal } = (asked = new AbortController());
    params = next;
    shown = { ...shown, loading: true, error: null };
    try {
      const page = await read(next, signal);
      if (!signal.aborted) shown = { ...page, error: null, loading: false };
    } catch (error) {
      if (!signal.aborted) shown = { items: null, nextCursor: null, error, loading: false };
    }
  };
  return {
    get shown() {
      return shown;
    },
    load,
    again: async () => {
      if (params !== undefined) await load(params);
    },
    refresh: async (merge = (_shown, newer) => newer) => {
      const { signal } = asked;
      if (params === undefined || shown.loading) return;
      const page = await read(params, signal).catch(() => null);
      if (page === null || signal.aborted) return;
      const items = merge(shown.items ?? [], page.items);
      // Where the page keeps its items, its cursor goes on behind them.
      shown = {
        items,
        nextCursor: items === page.items ? page.nextCursor : shown.nextCursor,
        error: null,
        loading: false,
      };
    },
    change: (items) => (shown = { ...shown, items }),
    stop: () => asked.abort(),
  };
};
