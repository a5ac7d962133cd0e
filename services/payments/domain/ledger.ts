import type { UserId } from '../../../shared/contracts/ids.ts';
import type { Money } from '../../../shared/contracts/money.ts';
import type { PaymentTransition } from './payment.ts';

/** `processor_clearing` is what the processor owes us; the payee's accounts are what we owe the payee. */
export type Account = 'processor_clearing' | 'payee_pending' | 'payee_available';
export const MOVEMENT_NAMES = ['opened', 'completed', 'reversed'] as const;
type Movement = (typeof MOVEMENT_NAMES)[number];

/** One line of a movement: a positive amount is a debit, a negative one a credit. */
export type Posting = Money & { movement: Movement; account: Account; ownerId: UserId | null };

const MOVEMENTS: Readonly<Record<Movement, readonly [debit: Account, credit: Account]>> = {
  opened: ['processor_clearing', 'payee_pending'],
  completed: ['payee_pending', 'payee_available'],
  reversed: ['payee_pending', 'processor_clearing'],
};

const MOVEMENT_OF_TRANSITION: Readonly<Record<PaymentTransition, Movement | null>> = {
  authorized: null,
  captured: 'completed',
  declined: 'reversed',
  cancelled: 'reversed',
};

/** The movement that goes with a transition; null where no money moves. */
export const movementOf = (transition: PaymentTransition): Movement | null =>
  MOVEMENT_OF_TRANSITION[transition];

/** The balanced postings of a movement. */
export const postingsOf = (movement: Movement, money: Money, payeeId: UserId): Posting[] =>
  MOVEMENTS[movement].map((account, index) => ({
    movement,
    account,
    ownerId: account === 'processor_clearing' ? null : payeeId,
    amountMinor: index === 0 ? money.amountMinor : -money.amountMinor,
    currency: money.currency,
  }));
