import type { Payment, PaymentListParams } from '../../../../../shared/contracts/payments.ts';
import { arrivalsText, createArrivals, newestOf } from './arrivals.ts';

const LIMIT = 3;
const { signal } = new AbortController();

/** A list of the server that holds the ids given, the newest first. */
const listOf = (...ids: string[]) => ({
  items: ids.slice(0, LIMIT).map((id) => ({ id }) as Payment),
  nextCursor: ids.length > LIMIT ? 'more' : null,
});

const opened = async (params: PaymentListParams, ...ids: string[]) => {
  let newest = listOf(...ids);
  let text = '';
  const asked: PaymentListParams[] = [];
  const arrivals = createArrivals(
    async (list) => {
      asked.push(list);
      return newest;
    },
    (next) => (text = next),
  );
  await arrivals.begin({ limit: LIMIT, ...params }, newest, signal);
  return {
    asked,
    /** The text after the server's list has become this one. */
    after: async (...later: string[]) => {
      newest = listOf(...later);
      await arrivals.look(signal);
      return text;
    },
  };
};

describe('new payments of a list that does not show them', () => {
  it('are counted among those that fit its filters', async () => {
    const { asked, after } = await opened({ status: 'failed', currency: 'EUR' }, 'b', 'a');
    expect(await after('c', 'b', 'a')).toBe('1 new payment');
    expect(await after('d', 'c', 'b', 'a')).toBe('2 new payments');
    expect(asked).toEqual(Array(2).fill({ limit: LIMIT, status: 'failed', currency: 'EUR' }));
  });

  it('came after the list was opened, also on a later page and in another order', async () => {
    for (const elsewhere of [{ cursor: 'x' }, { sort: 'amount' }] as const) {
      const { after } = await opened(elsewhere, 'd', 'c', 'b', 'a');
      expect(await after('d', 'c', 'b', 'a')).toBe('');
      expect(await after('e', 'd', 'c', 'b')).toBe('1 new payment');
    }
  });

  it('are not the older ones that follow when a shown payment no longer fits', async () => {
    const { after } = await opened({ status: 'pending' }, 'd', 'c', 'b', 'a');
    expect(await after('d', 'b', 'a')).toBe('');
  });

  it('are payments of any age that fit only now, where all were shown', async () => {
    const { after } = await opened({ status: 'completed' }, 'd', 'b');
    expect(await after('d', 'c', 'b')).toBe('1 new payment');
  });

  it('fill a page: their number is a lower bound', async () => {
    const { after } = await opened({ status: 'failed' }, 'a');
    expect(await after('f', 'e', 'd', 'c', 'b', 'a')).toBe('3 or more new payments');
  });

  it('of a search are not counted, because the server cannot repeat it cheaply', async () => {
    const { asked, after } = await opened({ q: 'tea', direction: 'sent' }, 'b', 'a');
    expect(await after('d', 'c', 'b')).toBe('New payments');
    expect(asked.some((list) => 'q' in list)).toBe(false);
  });
});

it('a failed look and one of an earlier list change nothing', async () => {
  let text = 'as it was';
  const arrivals = createArrivals(
    () => Promise.reject(new Error('lost')),
    (next) => (text = next),
  );
  await arrivals.look(signal);
  expect(text).toBe('as it was');
});

it('the text has no number that is not known', () => {
  expect(arrivalsText(0, { exact: false, most: 25 })).toBe('');
  expect(arrivalsText(7, { exact: false, most: 25 })).toBe('New payments');
});

it('the request for the newest keeps the filters and drops page, order and search', () => {
  expect(newestOf({ limit: 25, status: 'failed', cursor: 'c', q: 'tea', sort: 'amount' })).toEqual({
    limit: 25,
    status: 'failed',
  });
});
