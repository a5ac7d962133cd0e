import type { Host } from '../../../../../shared/client/host.ts';
import type { PaymentId } from '../../../../../shared/contracts/ids.ts';
import { payments } from '../../../../../shared/contracts/payments.ts';
import type { Payment, PaymentListParams } from '../../../../../shared/contracts/payments.ts';
import { watchChanges } from '../../live/changes.ts';
import { showsNewest } from './filters.ts';
import { createPoller, listDelayMs, safetyDelayMs, surroundingsOf } from '../../live/poll.ts';
import type { Surroundings } from '../../live/poll.ts';
import { createArrivals } from './arrivals.ts';
import { newerOf, newsOf, replacedBy } from './merge-changes.ts';
import { isUnfinished } from '../../texts.ts';

type Shown = {
  /** Null until the first page has arrived. */
  items: Payment[] | null;
  nextCursor: string | null;
  error: unknown;
  loading: boolean;
  /** What has changed on the page since it was opened, as a sentence. */
  news: string;
  /** That there are new payments which the page does not show, as a button; empty when there are none. */
  arrivals: string;
};

const NOTHING: Shown = {
  items: null,
  nextCursor: null,
  error: null,
  loading: true,
  news: '',
  arrivals: '',
};

/** A page of payments as it was left. */
export type LeftPage = { items: Payment[]; nextCursor: string | null };

/** What is shown of a page, and what has changed on it. */
const createPage = (userId: () => string | undefined) => {
  let shown = $state.raw(NOTHING);
  const set = (change: Partial<Shown>): void => {
    shown = { ...shown, ...change };
  };
  return {
    get shown() {
      return shown;
    },
    items: (): Payment[] => shown.items ?? [],
    isUnfinished: (): boolean => shown.items?.some(isUnfinished) ?? false,
    set,
    /** Shows a background read and announces its changes. */
    change: (items: Payment[], nextCursor = shown.nextCursor): void => {
      const news = newsOf(shown.items ?? items, items, userId()) || shown.news;
      set({ items, nextCursor, news });
    },
  };
};

type Page = ReturnType<typeof createPage>;

/** The reads of a page, until another one is asked for. */
const createReads = (host: Host, page: Page) => {
  let params: PaymentListParams = {};
  let asked = new AbortController();

  const list = (which: PaymentListParams, signal: AbortSignal) =>
    host.client.call(payments.actions.list, which, { signal });
  const readOnly = async (ids: PaymentId[]): Promise<void> => {
    const { signal } = asked;
    const reads = ids.map((id) => host.client.call(payments.actions.get, { id }, { signal }));
    const answers = await Promise.allSettled(reads);
    if (signal.aborted) return;
    const read = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    page.change(replacedBy(page.items(), read));
  };
  /** Shows the payments of the page as they are now: none comes and none leaves under the reader's eyes. */
  const refresh = async (read: readonly Payment[]): Promise<void> => {
    page.change(replacedBy(page.items(), read));
    const ids = new Set(read.map(({ id }) => id));
    const missing = page.items().filter((payment) => isUnfinished(payment) && !ids.has(payment.id));
    if (missing.length > 0) await readOnly(missing.map(({ id }) => id));
  };
  return {
    list,
    readOnly,
    request: (): PaymentListParams => params,
    signal: (): AbortSignal => asked.signal,
    /** Ends the reads of the page before. */
    begin: (next: PaymentListParams): AbortSignal => {
      asked.abort();
      asked = new AbortController();
      params = next;
      return asked.signal;
    },
    /** Reads the page again; a failure is no reason to take it away, because the next read may succeed. */
    again: async (signal: AbortSignal): Promise<void> => {
      const own = asked.signal;
      try {
        const read = await list(params, signal);
        if (signal.aborted || own.aborted) return;
        if (showsNewest(params)) page.change(newerOf(page.items(), read.items), read.nextCursor);
        else await refresh(read.items);
      } catch {
        // The page stays as it is.
      }
    },
    stop: (): void => asked.abort(),
  };
};

type Reads = ReturnType<typeof createReads>;
type Arrivals = ReturnType<typeof createArrivals>;

/** The reads by time. */
const createPolling = (page: Page, reads: Reads, arrivals: Arrivals, surroundings: Surroundings) => {
  const again = async (signal: AbortSignal): Promise<boolean> => {
    const own = reads.signal();
    await reads.again(signal);
    return !own.aborted && poller.pollIf(page.isUnfinished());
  };
  const poller = createPoller({ read: again, delayMs: listDelayMs, surroundings });
  const look = async (signal: AbortSignal): Promise<boolean> => {
    if (!showsNewest(reads.request())) await arrivals.look(signal);
    else if (!page.isUnfinished()) await again(signal);
    return true;
  };
  /** Without messages only a read shows that there is something new. */
  const lookout = createPoller({
    read: look,
    delayMs: safetyDelayMs,
    liveDelayMs: () => null,
    surroundings,
  });
  const pollUnfinished = (): void => void poller.pollIf(page.isUnfinished());
  return {
    /** Reads the page again now. */
    again: (): void => void again(reads.signal()),
    pollUnfinished,
    start: (): void => {
      pollUnfinished();
      lookout.pollIf(true);
    },
    stop: (): void => {
      poller.stop();
      lookout.stop();
    },
  };
};

/**
 * One page of payments. Changed payments are read again one by one; while one is unfinished the page is
 * polled too. New payments are shown at once on the first page of the unfiltered list, newest first; on any
 * other page they would move what is being read, so that only their number is shown.
 */
export const createPaymentList = (host: Host) => {
  const page = createPage(() => host.session.user()?.id);
  const surroundings = surroundingsOf(host);
  const reads = createReads(host, page);
  const arrivals = createArrivals(reads.list, (text) => page.set({ arrivals: text }));
  const polling = createPolling(page, reads, arrivals, surroundings);

  const opened = (params: PaymentListParams, left: LeftPage): void => {
    page.set(left);
    polling.start();
    if (!showsNewest(params)) void arrivals.begin(params, left, reads.signal());
  };
  const load = async (params: PaymentListParams): Promise<void> => {
    const signal = reads.begin(params);
    polling.stop();
    page.set({ loading: true, error: null, news: '', arrivals: '' });
    try {
      const left = await reads.list(params, signal);
      if (signal.aborted) return;
      opened(params, left);
    } catch (error) {
      if (signal.aborted) return;
      page.set({ error });
    }
    page.set({ loading: false });
  };
  const reload = (): void => {
    if (page.shown.error !== null) return void load(reads.request());
    polling.again();
    if (!showsNewest(reads.request())) void arrivals.look(reads.signal());
  };
  const stopWatching = watchChanges(host, surroundings, {
    versionOf: (id) => page.items().find((payment) => payment.id === id)?.version,
    // Each read of a search is recorded: one is read again for payments that it shows, not for others.
    mayChange: () => page.shown.items !== null && (reads.request().q === undefined || page.isUnfinished()),
    mayGrow: () => page.shown.items !== null && showsNewest(reads.request()),
    lookForNew: () => void arrivals.look(reads.signal()),
    readAll: reload,
    readOnly: (ids) => void reads.readOnly(ids).then(polling.pollUnfinished),
  });

  return {
    get shown() {
      return page.shown;
    },
    /** Shows another page; the one shown stays until it has arrived. */
    load,
    /** Shows a page as it was left, and reads it again. */
    resume: (params: PaymentListParams, left: LeftPage): void => {
      reads.begin(params);
      page.set({ loading: false });
      opened(params, left);
      reload();
    },
    again: (): Promise<void> => load(reads.request()),
    stop: (): void => {
      reads.stop();
      polling.stop();
      stopWatching();
    },
  };
};
