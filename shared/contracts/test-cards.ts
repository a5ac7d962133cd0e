/** The processor's test payment methods, to choose from until there is a card form. */
export const TEST_CARDS = [
  { id: 'pm_card_visa', label: 'Visa', effect: 'Succeeds at once' },
  { id: 'pm_card_mastercard', label: 'Mastercard', effect: 'Succeeds at once' },
  { id: 'pm_card_chargeDeclined', label: 'Declined test card', effect: 'Declined by the bank' },
  {
    id: 'pm_card_chargeDeclinedInsufficientFunds',
    label: 'Insufficient funds test card',
    effect: 'Declined: insufficient funds',
  },
  {
    id: 'pm_card_chargeDeclinedExpiredCard',
    label: 'Expired test card',
    effect: 'Declined: the card has expired',
  },
  {
    id: 'pm_card_authenticationRequired',
    label: 'Authentication test card',
    effect: 'Declined: authentication required',
  },
  {
    id: 'pm_card_pending',
    label: 'Slow test card',
    effect: 'Stays pending for a minute, then succeeds; can be cancelled',
  },
] as const;
