import type { PaymentId } from '../../../../../shared/contracts/ids.ts';
import type { Payment, PaymentListParams } from '../../../../../shared/contracts/payments.ts';

type Newest = { items: readonly Payment[]; nextCursor: string | null };

/** The newest payments of a list when it was loaded; `oldest` is null when they were all. */
type Known = { ids: ReadonlySet<PaymentId>; oldest: PaymentId | null };

const knownOf = ({ items, nextCursor }: Newest): Known => ({
  ids: new Set(items.map(({ id }) => id)),
  oldest: nextCursor === null ? null : (items.at(-1)?.id ?? null),
});

/** Ids grow with time: behind the oldest known payment follow only older ones. */
const countNew = ({ ids, oldest }: Known, items: readonly Payment[]): number =>
  items.filter(({ id }) => !ids.has(id) && (oldest === null || id > oldest)).length;

const isNewestFirst = ({ cursor, q, sort = '-createdAt' }: PaymentListParams): boolean =>
  cursor === undefined && q === undefined && sort === '-createdAt';

/**
 * The request for the newest payments that fit the filters of a list. A search is left out: the server cannot
 * repeat it cheaply.
 */
export const newestOf = ({
  cursor: _cursor,
  q: _q,
  sort: _sort,
  ...filters
}: PaymentListParams): PaymentListParams => filters;

/** `2 new payments`; without the number where it is not known. */
export const arrivalsText = (count: number, { exact, most }: { exact: boolean; most: number }): string => {
  if (count === 0) return '';
  if (!exact) return 'New payments';
  if (count === 1) return '1 new payment';
  return `${count >= most ? `${most} or more` : count} new payments`;
};

/**
 * Notices payments that belong to a list and are not on its page, because the list is filtered, ordered
 * otherwise, or shown from a later page on.
 * @param read reads the newest payments of a list
 * @param set receives the sentence about them; empty when there are none
 */
export const createArrivals = (
  read: (params: PaymentListParams, signal: AbortSignal) => Promise<Newest>,
  set: (text: string) => void,
) => {
  let params: PaymentListParams = {};
  let known: Known | null = null;

  /** Looks for new payments; a failure leaves what is known. */
  const look = async (signal: AbortSignal): Promise<void> => {
    const own = params;
    const newest = await read(newestOf(own), signal).catch(() => null);
    if (newest === null || signal.aborted || own !== params) return;
    known ??= knownOf(newest);
    const most = Number(own.limit ?? newest.items.length);
    set(arrivalsText(countNew(known, newest.items), { exact: own.q === undefined, most }));
  };

  return {
    look,
    /** A page of this list was loaded: payments that come from now on are new. */
    begin: async (list: PaymentListParams, page: Newest, signal: AbortSignal): Promise<void> => {
      params = list;
      known = isNewestFirst(list) ? knownOf(page) : null;
      set('');
      if (known === null) await look(signal);
    },
  };
};
