/** What is true of payments in a currency. Amounts are in minor units. */
type CurrencyRules = {
  /** Decimals of the minor unit by ISO 4217. */
  digits: 0 | 2 | 3;
  minMinor: number;
  maxMinor: number;
  /** Amounts are a multiple of this. */
  stepMinor: number;
  /** First day (UTC) of payments in it; without one, payments always were possible. */
  from?: string;
  /** First day (UTC) without payments in it, and the currency that replaced it. */
  ended?: { on: string; replacedBy: string };
};

/**
 * Cards can be charged from the least amount that Stripe publishes for a currency, which is one minor unit
 * where it publishes none, up to eight digits of Stripe's unit, which is our minor unit in all of these.
 */
const rules = (digits: 0 | 2 | 3, minMinor = 1): CurrencyRules => ({
  digits,
  minMinor,
  maxMinor: 99_999_999,
  stepMinor: 1,
});

/** Stripe charges these in steps of 0.01: the third decimal is 0. */
const THREE_DECIMALS: CurrencyRules = { ...rules(3, 10), maxMinor: 99_999_990, stepMinor: 10 };

/**
 * All currencies that payments are or were made in. Decimals and ends: ISO 4217 list one, with amendment 180
 * of 2025-09-22, which moves BGN to list three (six-group.com, Data Standards). Of these, only BGN has ended.
 * Limits: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts (eight digits, IDR twelve)
 * and #three-decimal, compared on 2026-11-29 with a copy of that page. A currency that ends stays here, so
 * that its payments can be read.
 */
const TABLE = {
  AED: rules(2, 200),
  ARS: rules(2),
  AUD: rules(2, 50),
  BGN: { ...rules(2, 100), ended: { on: '2026-01-01', replacedBy: 'EUR' } },
  BHD: THREE_DECIMALS,
  BRL: rules(2, 50),
  CAD: rules(2, 50),
  CHF: rules(2, 50),
  CLP: rules(0),
  CNY: rules(2),
  COP: rules(2),
  CZK: rules(2, 1_500),
  DKK: rules(2, 250),
  EGP: rules(2),
  EUR: rules(2, 50),
  GBP: rules(2, 30),
  HKD: rules(2, 400),
  HUF: rules(2, 17_500),
  IDR: { ...rules(2), maxMinor: 999_999_999_999 },
  ILS: rules(2),
  INR: rules(2, 50),
  JOD: THREE_DECIMALS,
  JPY: rules(0, 50),
  KRW: rules(0),
  KWD: THREE_DECIMALS,
  MXN: rules(2, 1_000),
  MYR: rules(2, 200),
  NOK: rules(2, 300),
  NZD: rules(2, 50),
  OMR: THREE_DECIMALS,
  PHP: rules(2),
  PLN: rules(2, 200),
  RON: rules(2, 200),
  SAR: rules(2),
  SEK: rules(2, 300),
  SGD: rules(2, 50),
  THB: rules(2, 1_000),
  TND: THREE_DECIMALS,
  TRY: rules(2),
  USD: rules(2, 50),
  VND: rules(0),
  ZAR: rules(2),
} satisfies Record<string, CurrencyRules>;

export type Currency = keyof typeof TABLE;

/** The rules of each currency, by its ISO 4217 code; OpenAPI and forms show the limits from here. */
export const CURRENCY_RULES: Readonly<Record<Currency, CurrencyRules>> = TABLE;

/** Codes of all currencies, also of those that have ended: for what shows or filters payments. */
export const CURRENCIES = Object.keys(TABLE) as Currency[];

/** Whether payments can be made at this time under these rules. */
export const isPayable = ({ from, ended }: Pick<CurrencyRules, 'from' | 'ended'>, at: Date): boolean => {
  const day = at.toISOString().slice(0, 10);
  return (from === undefined || from <= day) && (ended === undefined || day < ended.on);
};

/** Codes of the currencies that a payment can be made in at this time. */
export const payableCurrencies = (at: Date): Currency[] =>
  CURRENCIES.filter((code) => isPayable(CURRENCY_RULES[code], at));

export type LimitCode = 'amount_under_limit' | 'amount_over_limit' | 'amount_step';

/**
 * Which limit of its currency an amount breaks, with the limit in minor units; null when it can be charged.
 * @param largestMinor a lower limit than the currency's own
 */
export const brokenLimit = (
  amountMinor: number,
  code: Currency,
  largestMinor = Infinity,
): { code: LimitCode; limitMinor: number } | null => {
  const { minMinor, stepMinor } = CURRENCY_RULES[code];
  const maxMinor = Math.min(CURRENCY_RULES[code].maxMinor, largestMinor);
  if (amountMinor < minMinor) return { code: 'amount_under_limit', limitMinor: minMinor };
  if (amountMinor > maxMinor) return { code: 'amount_over_limit', limitMinor: maxMinor };
  return amountMinor % stepMinor === 0 ? null : { code: 'amount_step', limitMinor: stepMinor };
};
