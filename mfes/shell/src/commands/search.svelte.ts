import type { Client } from '../../../../shared/client/client.ts';
import { payments, type Party, type Payment } from '../../../../shared/contracts/payments.ts';

const DEBOUNCE_MS = 200;
const PAYMENTS_SHOWN = 5;
const PAYEES_SHOWN = 4;
/** Shorter texts are not searched for, as the contract says. */
const PAYMENTS_MIN_LENGTH = 3;
const PAYEES_MIN_LENGTH = 2;

type Found = { payments: Payment[]; payees: Party[] };
const NOTHING: Found = { payments: [], payees: [] };
const NONE = { items: [] };

/** The vendor in a text such as `pay to corner`. */
const payeeIn = (text: string): string => text.replace(/^(?:pay|payment|new payment)(?: to)? +/i, '');

/**
 * Searches the user's own payments and the vendors that can be paid, a moment after the last key. What an
 * earlier search has found stays until the next one is answered.
 */
export const createSearch = ({ call }: Pick<Client, 'call'>) => {
  let found = $state.raw<Found>(NOTHING);
  let phase = $state<'idle' | 'searching' | 'found' | 'failed'>('idle');
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: AbortController | undefined;

  const stop = (): void => {
    clearTimeout(timer);
    running?.abort();
  };
  const read = async (text: string): Promise<void> => {
    const { signal } = (running = new AbortController());
    const payee = payeeIn(text);
    try {
      const [listed, payees] = await Promise.all([
        text.length < PAYMENTS_MIN_LENGTH
          ? NONE
          : call(payments.actions.list, { q: text, limit: PAYMENTS_SHOWN }, { signal }),
        payee.length < PAYEES_MIN_LENGTH ? NONE : call(payments.actions.payees, { q: payee }, { signal }),
      ]);
      if (signal.aborted) return;
      found = { payments: listed.items, payees: payees.items.slice(0, PAYEES_SHOWN) };
      phase = 'found';
    } catch {
      if (signal.aborted) return;
      found = NOTHING;
      phase = 'failed';
    }
  };

  return {
    get found() {
      return found;
    },
    get phase() {
      return phase;
    },
    /** Searches for a text, once it has not been followed by another for a moment. */
    ask: (text: string): void => {
      stop();
      const isLongEnough = text.length >= PAYEES_MIN_LENGTH;
      phase = isLongEnough ? 'searching' : 'idle';
      if (isLongEnough) timer = setTimeout(() => void read(text), DEBOUNCE_MS);
      else found = NOTHING;
    },
    /** Searches again at once, after a failure. */
    again: (text: string): void => {
      stop();
      phase = 'searching';
      void read(text);
    },
    stop,
  };
};
