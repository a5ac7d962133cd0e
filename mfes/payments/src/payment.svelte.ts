import type { Client } from '../../../shared/client/client.ts';
import { hasCode, isProblem } from '../../../shared/client/problem.ts';
import type { ResultOf } from '../../../shared/contracts/contract.ts';
import type { PaymentId } from '../../../shared/contracts/ids.ts';
import { payments } from '../../../shared/contracts/payments.ts';
import { follow, followDelayMs } from './following.ts';
import { isUnfinished } from './words.ts';

export type PaymentWithTimeline = ResultOf<typeof payments.actions.get>;
/** How an attempt to cancel ended; `late` is a payment that was no longer pending. */
export type CancelOutcome = 'cancelled' | 'late' | 'failed';

/** One payment, followed until it has come to its end. */
export const createPaymentView = (client: Client, id: string) => {
  let payment = $state.raw<PaymentWithTimeline | null>(null);
  let error = $state.raw<unknown>(null);
  let loading = $state(true);
  let outOfReach = $state(false);
  let stopFollowing: (() => void) | null = null;
  const opened = new AbortController();

  const read = async (signal: AbortSignal): Promise<boolean> => {
    const found = await client.call(payments.actions.get, { id: id as PaymentId }, { signal });
    if (signal.aborted) return false;
    // Answers may overtake each other; what is older than what is shown is not news.
    if (payment === null || found.version >= payment.version) payment = found;
    outOfReach = false;
    return isUnfinished(payment);
  };

  const readOrWait = (signal: AbortSignal): Promise<boolean> =>
    read(signal).catch((problem: unknown) => {
      outOfReach = !isProblem(problem) || problem.problem.status >= 500;
      return true;
    });

  const load = async (): Promise<void> => {
    stopFollowing?.();
    loading = true;
    error = null;
    try {
      const more = await read(opened.signal);
      if (more && !opened.signal.aborted)
        stopFollowing = follow({ read: readOrWait, delayMs: followDelayMs });
    } catch (problem) {
      if (opened.signal.aborted) return;
      error = problem;
    }
    loading = false;
  };

  return {
    get payment() {
      return payment;
    },
    get error() {
      return error;
    },
    get loading() {
      return loading;
    },
    /** The last read got no answer; what is shown may be old. */
    get outOfReach() {
      return outOfReach;
    },
    load,
    stop: (): void => {
      opened.abort();
      stopFollowing?.();
    },
  };
};

/** Cancelling one payment, and how it ended; `reload` is called when the payment may look different now. */
export const createCancelling = (client: Client, id: string, reload: () => Promise<void>) => {
  let cancelling = $state(false);
  let cancelError = $state.raw<unknown>(null);

  const cancel = async (): Promise<CancelOutcome> => {
    if (cancelling) return 'failed';
    cancelling = true;
    cancelError = null;
    try {
      await client.call(payments.actions.cancel, { id: id as PaymentId });
      await reload();
      return 'cancelled';
    } catch (problem) {
      cancelError = problem;
      if (!hasCode(problem, 'payment_not_pending')) return 'failed';
      await reload();
      return 'late';
    } finally {
      cancelling = false;
    }
  };

  return {
    get busy() {
      return cancelling;
    },
    /** Why the last try failed. */
    get error() {
      return cancelError;
    },
    cancel,
  };
};
