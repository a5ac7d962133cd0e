import { CURRENCY_RULES, type Currency } from '../../../shared/contracts/currencies.ts';
import type { Money } from '../../../shared/contracts/money.ts';

/**
 * Stripe's number of decimals where it is not two (https://docs.stripe.com/currencies#zero-decimal
 * and #three-decimal, read 2026-11). For our currencies this agrees with ISO 4217. Stripe's special cases:
 * ISK and UGX are two-decimal there with 00 at the end, HUF and TWD are two-decimal for charges and zero-
 * decimal for payouts only; COP and IDR, which some tables call zero-decimal, are two-decimal in both.
 */
const STRIPE_DIGITS: Partial<Record<Currency, 0 | 3>> = {
  CLP: 0,
  JPY: 0,
  KRW: 0,
  VND: 0,
  BHD: 3,
  JOD: 3,
  KWD: 3,
  OMR: 3,
  TND: 3,
};
const STRIPE_USUAL_DIGITS = 2;
/** Stripe accepts three-decimal amounts only when their last digit is 0. */
const THREE_DECIMAL_STEP = 10;

export type StripeAmount = { amount: number; currency: string };
export type AmountRefusal = { refused: string };

const digitsOf = (currency: Currency): number => STRIPE_DIGITS[currency] ?? STRIPE_USUAL_DIGITS;

/**
 * Converts an amount to Stripe's form.
 * @returns the amount in Stripe's minor units with its code in lower case, or a field error that says why the
 *   amount cannot be expressed exactly
 */
export const toStripeAmount = ({ amountMinor, currency }: Money): StripeAmount | AmountRefusal => {
  const shift = digitsOf(currency) - CURRENCY_RULES[currency].digits;
  const factor = 10 ** Math.abs(shift);
  const amount = shift >= 0 ? amountMinor * factor : amountMinor / factor;
  if (!Number.isSafeInteger(amount))
    return { refused: `The card processor cannot take this amount in ${currency}.` };
  if (digitsOf(currency) === 3 && amount % THREE_DECIMAL_STEP !== 0) {
    return { refused: `Cards are charged in steps of 0.01 ${currency}: the third decimal must be 0.` };
  }
  return { amount, currency: currency.toLowerCase() };
};

/**
 * Stripe's amount in our minor units; null when the currency is not ours or the amount is not whole in it.
 */
export const fromStripeAmount = ({ amount, currency }: StripeAmount): Money | null => {
  const code = currency.toUpperCase() as Currency;
  if (!Object.hasOwn(CURRENCY_RULES, code)) return null;
  const shift = CURRENCY_RULES[code].digits - digitsOf(code);
  const amountMinor = shift >= 0 ? amount * 10 ** shift : amount / 10 ** -shift;
  return Number.isSafeInteger(amountMinor) ? { amountMinor, currency: code } : null;
};
