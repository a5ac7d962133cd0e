import { brandOf, CARD_BRANDS, TEST_CARDS } from '../../../../../shared/contracts/test-cards.ts';
import { cardLabel } from './card-label.ts';

it('a card has its name for the payer and its brand for the payee', () => {
  expect(cardLabel('pm_card_chargeDeclined')).toBe('Declined test card');
  expect(cardLabel(brandOf('pm_card_chargeDeclined'))).toBe('Visa');
  expect(cardLabel(brandOf('pm_unknown'))).toBe('Card');
});

it.each(TEST_CARDS.map(({ id }) => id))('the brand of %s does not reveal what it does', (id) => {
  expect(Object.values(CARD_BRANDS)).toContain(cardLabel(brandOf(id)));
});
