import { createGrowingList, EMPTY_LIST, type GrowingList } from './growing-list.ts';
import { ProblemError } from './problem.ts';
import { eventually } from './testing/tabs.ts';

type Item = { id: string };
type Page = { items: Item[]; nextCursor: string | null };
type Request = {
  params: { limit: number; cursor?: string };
  signal: AbortSignal;
} & PromiseWithResolvers<Page>;

const INVALID_CURSOR = new ProblemError({
  type: 'about:blank',
  code: 'invalid_cursor',
  title: 'Invalid cursor',
  status: 400,
  detail: 'The cursor is not known.',
  requestId: 'r',
});

const itemsOf = (from: number, to: number): Item[] =>
  Array.from({ length: to - from }, (_, index) => ({ id: String(from + index) }));

/** A list of `count` items on a server that answers when the test says so. */
const startList = (count: number) => {
  let shown: GrowingList<Item> = EMPTY_LIST;
  const requests: Request[] = [];
  const list = createGrowingList<Item, Page>({
    pageSize: 2,
    maxSize: 10,
    set: (next) => (shown = next),
    read: (params, signal) => {
      const request = { params, signal, ...Promise.withResolvers<Page>() };
      requests.push(request);
      return request.promise;
    },
  });
  const answer = ({ params, resolve }: Request): void => {
    const from = Number(params.cursor ?? 0);
    const to = Math.min(count, from + params.limit);
    resolve({ items: itemsOf(from, to), nextCursor: to < count ? String(to) : null });
  };
  const settle = async (running: Promise<void>): Promise<void> => {
    requests.forEach(answer);
    await running;
  };
  return { ...list, requests, settle, shown: () => shown };
};

describe('a growing list', () => {
  it('appends the next page', async () => {
    const list = startList(5);
    await list.settle(list.load());
    await list.settle(list.more());
    expect(list.requests.map(({ params }) => params)).toEqual([{ limit: 2 }, { limit: 2, cursor: '2' }]);
    expect(list.shown()).toEqual({ ...EMPTY_LIST, items: itemsOf(0, 4), nextCursor: '4' });
  });

  it('loads all shown pages again', async () => {
    const list = startList(5);
    await list.settle(list.load());
    await list.settle(list.more());
    await list.settle(list.load());
    expect(list.requests.at(-1)?.params).toEqual({ limit: 4 });
    expect(list.shown().items).toEqual(itemsOf(0, 4));
  });

  it('keeps a request for more that meets a load under way', async () => {
    const list = startList(5);
    await list.settle(list.load());
    const load = list.load();
    await list.settle(list.more());
    await load;
    expect(list.shown()).toEqual({ ...EMPTY_LIST, items: itemsOf(0, 4), nextCursor: '4' });
  });

  it('keeps a request for more that a load replaces', async () => {
    const list = startList(5);
    await list.settle(list.load());
    const more = list.more();
    void list.load();
    expect(list.requests[1]?.signal.aborted).toBe(true);
    await list.settle(more);
    expect(list.shown()).toEqual({ ...EMPTY_LIST, items: itemsOf(0, 4), nextCursor: '4' });
  });

  it('keeps what is shown when a load fails', async () => {
    const list = startList(1);
    await list.settle(list.load());
    const load = list.load();
    const error = new Error('connection lost');
    list.requests[1]?.reject(error);
    await load;
    expect(list.shown()).toEqual({ ...EMPTY_LIST, items: itemsOf(0, 1), error });
  });

  it('loads from the start when the server no longer knows the cursor', async () => {
    const list = startList(5);
    await list.settle(list.load());
    const more = list.more();
    list.requests[1]?.reject(INVALID_CURSOR);
    await eventually(() => list.requests.length === 3);
    await list.settle(more);
    expect(list.shown()).toEqual({ ...EMPTY_LIST, items: itemsOf(0, 4), nextCursor: '4' });
  });
});
