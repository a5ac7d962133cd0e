import type { UserId } from '../../../shared/contracts/ids.ts';
import type { Money } from '../../../shared/contracts/money.ts';
import type { PaymentStatus } from '../../../shared/contracts/payments.ts';

/** `processor_clearing` is what the processor owes us; the payee's accounts are what we owe the payee. */
export type Account = 'processor_clearing' | 'payee_pending' | 'payee_available';
type Movement = 'opened' | 'completed' | 'reversed';

/** One line of a movement: a positive amount is a debit, a negative one a credit. */
export type Posting = Money & { movement: Movement; account: Account; ownerId: UserId | null };

const MOVEMENTS: Readonly<Record<Movement, readonly [debit: Account, credit: Account]>> = {
  opened: ['processor_clearing', 'payee_pending'],
  completed: ['payee_pending', 'payee_available'],
  reversed: ['payee_pending', 'processor_clearing'],
};

const MOVEMENT_OF_STATUS: Readonly<Record<PaymentStatus, Movement | null>> = {
  pending: 'opened',
  processing: null,
  completed: 'completed',
  failed: 'reversed',
  cancelled: 'reversed',
};

/** The balanced postings that go with reaching a status; none where no money moves. */
export const postingsFor = (status: PaymentStatus, money: Money, payeeId: UserId): Posting[] => {
  const movement = MOVEMENT_OF_STATUS[status];
  if (!movement) return [];
  return MOVEMENTS[movement].map((account, index) => ({
    movement,
    account,
    ownerId: account === 'processor_clearing' ? null : payeeId,
    amountMinor: index === 0 ? money.amountMinor : -money.amountMinor,
    currency: money.currency,
  }));
};
