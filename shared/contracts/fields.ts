import * as z from 'zod/mini';
import { AMOUNT_DESCRIPTION, CURRENCIES, type Currency } from './currencies.ts';

export const currency = z.enum(CURRENCIES as [Currency, ...Currency[]], {
  error: 'must be a supported ISO 4217 code in capitals, such as EUR',
});

/** A positive amount in minor units (cents, yen, fils): a safe integer. */
export const amountMinor = z
  .int({ error: 'must be a whole number of minor units, at most 2^53 - 1' })
  .check(z.positive({ error: 'must be more than zero' }), z.describe(AMOUNT_DESCRIPTION));

/** A time in UTC as ISO 8601 with milliseconds: `2026-11-23T09:30:00.000Z`. */
export const instant = z.iso.datetime({
  precision: 3,
  error: 'must be a UTC time such as 2026-11-23T09:30:00.000Z',
});

/** An e-mail address, trimmed and in lower case: addresses that differ only in case are one account. */
export const email = z
  .string({ error: 'must be an e-mail address' })
  .check(
    z.trim(),
    z.toLowerCase(),
    z.maxLength(255, { error: 'must have at most 255 characters' }),
    z.email({ error: 'must be an e-mail address' }),
  );

/** A whole number, also as digits in a query string. */
export const wholeNumber = (min: number, max: number) =>
  z.pipe(
    z.union([z.int(), z.pipe(z.string().check(z.regex(/^\d{1,16}$/)), z.transform(Number))], {
      error: `must be a whole number from ${min} to ${max}`,
    }),
    z
      .int({ error: `must be a whole number from ${min} to ${max}` })
      .check(
        z.gte(min, { error: `must be at least ${min}` }),
        z.lte(max, { error: `must be at most ${max}` }),
      ),
  );

/** A day (`2026-11-23`, its midnight in UTC) or a UTC time; becomes a full UTC time. */
export const dayOrInstant = z.pipe(
  z.string().check(
    z.refine(
      (text) =>
        /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z)?$/.test(text) &&
        !Number.isNaN(Date.parse(text)),
      {
        error: 'must be a day such as 2026-11-23 or a UTC time such as 2026-11-23T09:30:00Z',
      },
    ),
  ),
  z.transform((text: string) => new Date(text).toISOString()),
);

/**
 * Refuses control characters other than line breaks and tabs: PostgreSQL cannot store NUL, and none is
 * visible.
 */
export const printable = z.regex(/^(?:\P{Cc}|[\n\r\t])*$/u, { error: 'must not contain control characters' });

/**
 * Whether the text contains 13 to 19 digits, with spaces and dashes allowed between them, that pass the Luhn
 * check (ISO/IEC 7812-1).
 */
export const holdsCardNumber = (text: string): boolean => {
  for (const [run] of text.matchAll(/\d(?:[ -]?\d){12,}/g)) {
    const digits = run.replaceAll(/[ -]/g, '');
    for (let length = 13; length <= 19; length++) {
      for (let start = 0; start + length <= digits.length; start++) {
        if (isLuhn(digits.slice(start, start + length))) return true;
      }
    }
  }
  return false;
};

const isLuhn = (digits: string): boolean => {
  let sum = 0;
  for (let index = 0; index < digits.length; index++) {
    const digit = Number(digits[digits.length - 1 - index]);
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0 && !/^0+$/.test(digits);
};
