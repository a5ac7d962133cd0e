import type { Client } from '../../../shared/client/client.ts';
import { payments } from '../../../shared/contracts/payments.ts';
import type { Payment, PaymentListParams } from '../../../shared/contracts/payments.ts';
import { follow, listDelayMs } from './following.ts';
import { isUnfinished } from './words.ts';

/** One page of payments, read again by itself while something on it is unfinished. */
export const createPaymentList = (client: Client) => {
  let items = $state.raw<Payment[] | null>(null);
  let nextCursor = $state.raw<string | null>(null);
  let error = $state.raw<unknown>(null);
  let loading = $state(true);
  let asked: AbortController | null = null;
  let stopFollowing: (() => void) | null = null;
  let params: PaymentListParams = {};

  const read = async (signal: AbortSignal): Promise<boolean> => {
    const page = await client.call(payments.actions.list, params, { signal });
    if (signal.aborted) return false;
    items = page.items;
    nextCursor = page.nextCursor;
    return page.items.some(isUnfinished);
  };

  const stop = (): void => {
    asked?.abort();
    stopFollowing?.();
    stopFollowing = null;
  };

  const load = async (next: PaymentListParams): Promise<void> => {
    stop();
    params = next;
    loading = true;
    error = null;
    const controller = new AbortController();
    asked = controller;
    try {
      const more = await read(controller.signal);
      if (controller.signal.aborted) return;
      // A failed read in between is no reason to take the page away: the next one may succeed.
      if (more)
        stopFollowing = follow({ read: (signal) => read(signal).catch(() => true), delayMs: listDelayMs });
    } catch (problem) {
      if (controller.signal.aborted) return;
      error = problem;
    }
    loading = false;
  };

  return {
    /** Null until the first page has arrived. */
    get items() {
      return items;
    },
    get nextCursor() {
      return nextCursor;
    },
    get loading() {
      return loading;
    },
    get error() {
      return error;
    },
    /** Shows another page; the one shown stays until it has arrived. */
    load,
    again: (): Promise<void> => load(params),
    stop,
  };
};
