import type { Host } from '../../../../../shared/client/host.ts';
import type { PaymentId } from '../../../../../shared/contracts/ids.ts';
import { payments } from '../../../../../shared/contracts/payments.ts';
import type { Payment, PaymentListParams } from '../../../../../shared/contracts/payments.ts';
import { watchChanges } from '../../live/changes.ts';
import { showsNewest } from './filters.ts';
import { createPoller, listDelayMs, surroundingsOf } from '../../live/poll.ts';
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
};

/** What is shown of a page, and what has changed on it. */
const createPage = (userId: () => string | undefined) => {
  let shown = $state.raw<Shown>({ items: null, nextCursor: null, error: null, loading: true, news: '' });
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

/**
 * One page of payments. Changed payments are read again one by one; while one is unfinished the page is
 * polled too.
 */
export const createPaymentList = (host: Host) => {
  const page = createPage(() => host.session.user()?.id);
  const surroundings = surroundingsOf(host);
  let params: PaymentListParams = {};
  let asked = new AbortController();

  // A failed read in between is no reason to take the page away: the next one may succeed.
  const readAgain = async (signal: AbortSignal): Promise<boolean> => {
    const own = asked.signal;
    try {
      const read = await host.client.call(payments.actions.list, params, { signal });
      if (signal.aborted || own.aborted) return false;
      page.change(newerOf(page.items(), read.items), read.nextCursor);
    } catch {
      return true;
    }
    return poller.pollIf(page.isUnfinished());
  };
  const poller = createPoller({ read: readAgain, delayMs: listDelayMs, surroundings });
  const readOnly = async (ids: PaymentId[]): Promise<void> => {
    const { signal } = asked;
    const reads = ids.map((id) => host.client.call(payments.actions.get, { id }, { signal }));
    const answers = await Promise.allSettled(reads);
    if (signal.aborted) return;
    const read = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    page.change(replacedBy(page.items(), read));
    poller.pollIf(page.isUnfinished());
  };

  const load = async (next: PaymentListParams): Promise<void> => {
    asked.abort();
    poller.stop();
    params = next;
    page.set({ loading: true, error: null, news: '' });
    asked = new AbortController();
    const { signal } = asked;
    try {
      const { items, nextCursor } = await host.client.call(payments.actions.list, params, { signal });
      if (signal.aborted) return;
      page.set({ items, nextCursor });
      poller.pollIf(page.isUnfinished());
    } catch (error) {
      if (signal.aborted) return;
      page.set({ error });
    }
    page.set({ loading: false });
  };

  const stopWatching = watchChanges(host, surroundings, {
    versionOf: (id) => page.items().find((payment) => payment.id === id)?.version,
    mayGrow: () => page.shown.items !== null && showsNewest(params),
    readAll: () => void (page.shown.error === null ? readAgain(asked.signal) : load(params)),
    readOnly: (ids) => void readOnly(ids),
  });

  return {
    get shown() {
      return page.shown;
    },
    /** Shows another page; the one shown stays until it has arrived. */
    load,
    again: (): Promise<void> => load(params),
    stop: (): void => {
      asked.abort();
      poller.stop();
      stopWatching();
    },
  };
};
