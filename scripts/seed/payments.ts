import type { Currency } from '../../shared/contracts/currencies.ts';
import type { SeededPerson } from './people.ts';
import { choose, seededId, seededRandom, type Random } from './random.ts';

export type SeededPayment = {
  id: string;
  payer: SeededPerson;
  payee: SeededPerson;
  amountMinor: number;
  currency: Currency;
  status: 'completed' | 'failed' | 'cancelled';
  failureCode: string | null;
  description: string | null;
  createdMs: number;
  updatedMs: number;
  /** The charge at the processor; null where it took no money. */
  charge: { intentId: string; chargeId: string } | null;
};

const YEAR_MS = 365 * 86_400_000;
const CURRENCY_DRAWS: readonly Currency[] = [
  ...Array<Currency>(9).fill('EUR'),
  ...Array<Currency>(4).fill('USD'),
  ...(['GBP', 'GBP', 'CHF', 'SEK', 'PLN', 'INR', 'JPY'] as const),
];
const FAILURES = ['card_declined', 'card_declined', 'insufficient_funds', 'expired_card'] as const;
const ADJECTIVES = 'monthly quarterly annual urgent final partial second revised early late'.split(' ');
const NOUNS = (
  'coffee beans|office rent|server hosting|print design|book keeping|legal advice|' +
  'garden work|bread delivery|' +
  'web shop|team event|train tickets|photo shoot|translation|repair parts|language course|wine tasting'
).split('|');

/** A few have many payments, and most have some. */
const draw = (random: Random, people: readonly SeededPerson[]): SeededPerson =>
  choose(() => random() ** 3, people);

/** From 1 to 10,000 euros and the like, small ones more often. */
const drawAmount = (random: Random, currency: Currency): number => {
  const cents = Math.floor(Math.exp(Math.log(100) + random() * Math.log(10_000)));
  if (currency === 'INR') return cents * 90;
  return currency === 'JPY' ? Math.ceil(cents * 1.6) : cents;
};

const drawDescription = (random: Random, number: number): string | null =>
  random() < 0.7 ? `Invoice ${number} for ${choose(random, ADJECTIVES)} ${choose(random, NOUNS)}` : null;

const drawStatus = (random: Random): SeededPayment['status'] => {
  const drawn = random();
  if (drawn < 0.88) return 'completed';
  return drawn < 0.96 ? 'failed' : 'cancelled';
};

/**
 * So many payments of the year before `nowMs`, oldest first, all of them ended: a payment under way would be
 * charged by the driver.
 */
export function* seededPayments(
  people: readonly SeededPerson[],
  count: number,
  seed: number,
  nowMs: number,
): Generator<SeededPayment> {
  const random = seededRandom(seed);
  const vendors = people.filter(({ role }) => role === 'VENDOR');
  const customers = people.filter(({ role }) => role === 'CUSTOMER');
  const stepMs = YEAR_MS / count;
  for (let number = 1; number <= count; number += 1) {
    const createdMs = Math.floor(nowMs - YEAR_MS + (number - 1 + random()) * stepMs);
    const currency = choose(random, CURRENCY_DRAWS);
    const status = drawStatus(random);
    const id = seededId(random, 'pay', createdMs);
    const atProcessor = id.replace('pay_', '');
    yield {
      id,
      payer: draw(random, customers),
      payee: draw(random, vendors),
      amountMinor: drawAmount(random, currency),
      currency,
      status,
      failureCode: status === 'failed' ? choose(random, FAILURES) : null,
      description: drawDescription(random, number),
      createdMs,
      updatedMs: createdMs + 400 + Math.floor(random() * 2_000),
      charge:
        status === 'completed' ? { intentId: `pi_${atProcessor}`, chargeId: `ch_${atProcessor}` } : null,
    };
  }
}
