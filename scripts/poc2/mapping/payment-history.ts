import { PAYMENT_STATUSES, type PaymentStatus } from '../../../shared/contracts/payments/status.ts';
import type { Notes } from './notes.ts';
import { isFuture, laterOf, timeAt, timeOf, type Time } from './times.ts';
import type { MappingContext } from './table-mapping.ts';

/** A status after the first one. */
export type Reached = { status: PaymentStatus; at: Time };

type Given = {
  /** That of the payment, after what `--open` does with it. */
  status: PaymentStatus;
  created: Time;
  updated: Time | null;
  completed: Time | null;
  /** Times and statuses (`transactionsIn`), oldest first; null for none. */
  transactions: string | null;
};

/** A time as PostgreSQL prints it, a space, and the status, which has none; `|` between two of them. */
const transactionsIn = (text: string): { status: string; at: string }[] =>
  text.split('|').map((one) => {
    const end = one.lastIndexOf(' ');
    return { status: one.slice(end + 1), at: one.slice(0, end) };
  });

/** The first time at which each status was reached. */
const firstTimes = (transactions: string | null, notes: Notes): Map<string, Time | null> => {
  const first = new Map<string, Time | null>();
  if (transactions === null) {
    notes.mapped('history_missing', 'has no transactions: its timeline is made of its own times');
    return first;
  }
  for (const { status, at } of transactionsIn(transactions))
    if (!first.has(status)) first.set(status, timeOf(at));
  return first;
};

const isStatus = (text: string): text is PaymentStatus =>
  (PAYMENT_STATUSES as readonly string[]).includes(text);

/** Reports what of the transactions has no place in a timeline. */
const reportOthers = (times: Map<string, Time | null>, status: PaymentStatus, notes: Notes): void => {
  const others = [...times.keys()].filter(
    (one) => one !== 'pending' && one !== status && (one !== 'processing' || status === 'pending'),
  );
  if (others.length > 0) {
    const known = others.map((one) => (isStatus(one) ? one : 'an unknown status')).join(', ');
    notes.mapped('history_inconsistent', `is ${status}, but its transactions also have: ${known}`);
  }
};

/**
 * What happened to a payment after its creation: `processing` where there was such a transaction, then the
 * status that it has. Times never go back.
 */
export const historyOf = (given: Given, notes: Notes): Reached[] => {
  const { status, created, updated, completed } = given;
  const times = firstTimes(given.transactions, notes);
  reportOthers(times, status, notes);
  const reached: Reached[] = [];
  const add = (next: PaymentStatus, at: Time): void => {
    const last = reached.at(-1)?.at ?? created;
    if (at.ms < last.ms) notes.mapped('history_order', `is ${next} before the status before`);
    reached.push({ status: next, at: laterOf(last, at) });
  };
  if (status === 'pending') return reached;
  const processing = times.get('processing');
  if (status !== 'processing' && processing) add('processing', processing);
  const own = status === 'completed' ? (completed ?? times.get(status)) : times.get(status);
  const at = own ?? updated ?? created;
  if (given.transactions !== null && !times.has(status))
    notes.mapped('history_incomplete', `is ${status}, and no transaction says so`);
  add(status, at);
  return reached;
};

/** The timeline of a payment that `--open cancel` ends now. */
export const cancelledHistory = (given: Given, { nowMs }: MappingContext, notes: Notes): Reached[] => {
  const reached = historyOf(given, notes);
  const last = reached.at(-1)?.at ?? given.created;
  return [...reached, { status: 'cancelled', at: laterOf(last, timeAt(nowMs)) }];
};

/** Whether any of these times is in the future. */
export const hasFuture = (reached: readonly Reached[], context: MappingContext): boolean =>
  reached.some(({ at }) => isFuture(at, context));
