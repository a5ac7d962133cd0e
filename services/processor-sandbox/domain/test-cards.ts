/** A bank's answer to a test card. */
export type CardAnswer =
  | { kind: 'approves' }
  | { kind: 'takes-its-time' }
  | { kind: 'asks-the-payer' }
  | { kind: 'declines'; decline: Decline };

export type Decline = { code: string; declineCode: string; message: string };

const declines = (code: string, declineCode: string, message: string): CardAnswer => ({
  kind: 'declines',
  decline: { code, declineCode, message },
});

const DECLINED = 'Your card was declined.';

const DECLINES: Readonly<Record<string, CardAnswer>> = {
  chargeDeclined: declines('card_declined', 'generic_decline', DECLINED),
  chargeDeclinedInsufficientFunds: declines(
    'card_declined',
    'insufficient_funds',
    'Your card has insufficient funds.',
  ),
  chargeDeclinedLostCard: declines('card_declined', 'lost_card', DECLINED),
  chargeDeclinedStolenCard: declines('card_declined', 'stolen_card', DECLINED),
  chargeDeclinedExpiredCard: declines('expired_card', 'expired_card', 'Your card has expired.'),
  chargeDeclinedIncorrectCvc: declines(
    'incorrect_cvc',
    'incorrect_cvc',
    "Your card's security code is incorrect.",
  ),
  chargeDeclinedProcessingError: declines(
    'processing_error',
    'processing_error',
    'An error occurred while processing your card. Try again in a little bit.',
  ),
};

const APPROVING = [
  'visa',
  'visa_debit',
  'mastercard',
  'mastercard_debit',
  'amex',
  'discover',
  'diners',
  'jcb',
];

const ANSWERS: ReadonlyMap<string, CardAnswer> = new Map<string, CardAnswer>([
  ...APPROVING.map((brand) => [`pm_card_${brand}`, { kind: 'approves' }] as const),
  ['pm_card_pending', { kind: 'takes-its-time' }],
  ['pm_card_authenticationRequired', { kind: 'asks-the-payer' }],
  // Stripe's documentation uses both names.
  ...Object.entries(DECLINES).flatMap(([name, answer]) => [
    [`pm_card_${name}`, answer] as const,
    [`pm_card_visa_${name}`, answer] as const,
  ]),
]);

/** The bank's answer for a test payment method (https://docs.stripe.com/testing); null for an unknown one. */
export const answerOf = (paymentMethod: string): CardAnswer | null => ANSWERS.get(paymentMethod) ?? null;
