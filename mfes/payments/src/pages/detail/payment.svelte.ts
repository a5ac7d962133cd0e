import type { Client } from '../../../../../shared/client/client.ts';
import type { Host } from '../../../../../shared/client/host.ts';
import { hasCode, isProblem } from '../../../../../shared/client/problem.ts';
import type { ResultOf } from '../../../../../shared/contracts/contract.ts';
import type { PaymentId } from '../../../../../shared/contracts/ids.ts';
import { payments } from '../../../../../shared/contracts/payments.ts';
import { watchChangesOf } from '../../live/changes.ts';
import { createPoller, paymentDelayMs, surroundingsOf } from '../../live/poll.ts';
import { isUnfinished } from '../../texts.ts';

type PaymentWithTimeline = ResultOf<typeof payments.actions.get>;
/** How an attempt to cancel ended; `late` is a payment that was no longer pending. */
export type CancelOutcome = 'cancelled' | 'late' | 'failed';

/** Reads the payment that is shown; rejects as the client's calls do. */
export type ReadPayment<P> = (signal: AbortSignal) => Promise<P>;

/** One payment: read again when a message announces a change, and polled until it has ended. */
export const createPaymentView = <P extends PaymentWithTimeline>(
  host: Pick<Host, 'live' | 'on'>,
  id: string,
  readPayment: ReadPayment<P>,
) => {
  let payment = $state.raw<P | null>(null);
  let error = $state.raw<unknown>(null);
  let outOfReach = $state(false);
  const opened = new AbortController();
  const surroundings = surroundingsOf(host);

  const read = async (signal: AbortSignal): Promise<boolean> => {
    const found = await readPayment(signal);
    if (signal.aborted) return false;
    // Answers may arrive out of order; an older version is ignored.
    if (payment === null || found.version >= payment.version) payment = found;
    outOfReach = false;
    return isUnfinished(payment);
  };

  const readOrWait = (signal: AbortSignal): Promise<boolean> =>
    read(signal).catch((problem: unknown) => {
      outOfReach = !isProblem(problem) || problem.problem.status >= 500;
      return true;
    });

  const poller = createPoller({ read: readOrWait, delayMs: paymentDelayMs, surroundings });

  const load = async (): Promise<void> => {
    poller.stop();
    error = null;
    try {
      const more = await read(opened.signal);
      if (!opened.signal.aborted) poller.pollIf(more);
    } catch (problem) {
      if (!opened.signal.aborted) error = problem;
    }
  };

  const readNow = async (): Promise<void> => {
    if (error !== null) return load();
    const more = await readOrWait(opened.signal);
    if (!opened.signal.aborted) poller.pollIf(more);
  };
  const stopWatching = watchChangesOf(id, host, surroundings, {
    shown: () => payment,
    read: () => void readNow(),
  });

  return {
    get payment() {
      return payment;
    },
    get error() {
      return error;
    },
    /** The last read got no answer; what is shown may be old. */
    get outOfReach() {
      return outOfReach;
    },
    load,
    stop: (): void => {
      opened.abort();
      poller.stop();
      stopWatching();
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
