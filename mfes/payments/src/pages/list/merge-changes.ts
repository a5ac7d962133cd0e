import type { Payment } from '../../../../../shared/contracts/payments.ts';
import { changeSentence } from '../../texts.ts';

/** The newer one of each payment: answers may overtake each other. */
export const newerOf = (known: readonly Payment[], read: readonly Payment[]): Payment[] => {
  const byId = new Map(known.map((payment) => [payment.id, payment]));
  return read.map((payment) => {
    const shown = byId.get(payment.id);
    return shown !== undefined && shown.version > payment.version ? shown : payment;
  });
};

/** The list with the newer ones of these in their places; what is not in it is left out. */
export const replacedBy = (known: readonly Payment[], read: readonly Payment[]): Payment[] => {
  const byId = new Map(read.map((payment) => [payment.id, payment]));
  return known.map((payment) => {
    const found = byId.get(payment.id);
    return found !== undefined && found.version > payment.version ? found : payment;
  });
};

/** What is other in a list than it was, said aloud; empty where nothing is. */
export const newsOf = (before: readonly Payment[], after: readonly Payment[], userId?: string): string => {
  const statusBefore = new Map(before.map(({ id, status }) => [id, status]));
  const changed = after.filter(({ id, status }) => statusBefore.get(id) !== status);
  const [first] = changed;
  if (first === undefined) return '';
  if (changed.length > 1) return `${changed.length} payments have changed`;
  return changeSentence(first, userId, !statusBefore.has(first.id));
};
