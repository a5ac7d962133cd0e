/** The result of a request to the processor. */
export type Outcome =
  /** The money is reserved and can be captured. */
  | { kind: 'authorized'; intentId: string }
  /** The bank has not answered yet; a webhook will follow. */
  | { kind: 'pending'; intentId: string }
  /** `partial`: less than the whole amount was captured. */
  | { kind: 'captured'; intentId: string; partial?: true }
  | { kind: 'voided'; intentId: string }
  /** The refund has succeeded; one that was only accepted is `refund_pending`. */
  | { kind: 'refunded'; intentId: string; refundId: string | null }
  | { kind: 'refund_pending'; intentId: string }
  | { kind: 'refund_failed'; intentId: string; code: string }
  /** The request is refused for good. */
  | { kind: 'declined'; intentId: string | null; code: string }
  /** The processor has no such PaymentIntent. */
  | { kind: 'missing' }
  /** A state that this request does not lead to, such as `requires_action`. */
  | { kind: 'unexpected'; status: string; intentId: string | null }
  /**
   * The result is unknown: repeat the request with the same key. `replayed500`: the key always returns a
   * saved failure; a search or a read shows what was done.
   */
  | { kind: 'unavailable'; replayed500: boolean; cause: string };

export type OutcomeKind = Outcome['kind'];

export const intentOf = (outcome: Outcome): string | null =>
  'intentId' in outcome ? outcome.intentId : null;

/** Whether the outcome's PaymentIntent may hold money of the payer. */
export const mayHoldMoney = ({ kind }: Outcome): boolean =>
  kind === 'authorized' || kind === 'pending' || kind === 'captured' || kind === 'unexpected';
