import { CARD_BRANDS, TEST_CARDS } from '../../../../../shared/contracts/test-cards.ts';

/** The name of a payment's card; its payee knows the brand alone. */
export const cardLabel = (paymentMethod: string): string =>
  TEST_CARDS.find(({ id }) => id === paymentMethod)?.label ??
  Object.entries(CARD_BRANDS).find(([brand]) => brand === paymentMethod)?.[1] ??
  paymentMethod;
