/** The brands of cards, as the payee of a payment sees them: nothing else of the card. */
export const CARD_BRANDS = { visa: 'Visa', mastercard: 'Mastercard', card: 'Card' } as const;
export type CardBrand = keyof typeof CARD_BRANDS;

/** The processor's test payment methods, to choose from until there is a card form. */
export const TEST_CARDS = [
  { id: 'pm_card_visa', brand: 'visa', label: 'Visa', effect: 'Succeeds at once' },
  { id: 'pm_card_mastercard', brand: 'mastercard', label: 'Mastercard', effect: 'Succeeds at once' },
  {
    id: 'pm_card_chargeDeclined',
    brand: 'visa',
    label: 'Declined test card',
    effect: 'Declined by the bank',
  },
  {
    id: 'pm_card_chargeDeclinedInsufficientFunds',
    brand: 'visa',
    label: 'Insufficient funds test card',
    effect: 'Declined: insufficient funds',
  },
  {
    id: 'pm_card_chargeDeclinedExpiredCard',
    brand: 'visa',
    label: 'Expired test card',
    effect: 'Declined: the card has expired',
  },
  {
    id: 'pm_card_authenticationRequired',
    brand: 'visa',
    label: 'Authentication test card',
    effect: 'Declined: authentication required',
  },
  {
    id: 'pm_card_pending',
    brand: 'visa',
    label: 'Slow test card',
    effect: 'Stays pending for a minute, then succeeds; can be cancelled',
  },
] as const;

/** The brand of a payment method; `card` when it is not known. */
export const brandOf = (paymentMethod: string): CardBrand =>
  TEST_CARDS.find(({ id }) => id === paymentMethod)?.brand ?? 'card';
