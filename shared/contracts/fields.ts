import * as z from 'zod/mini';
import { holdsCardNumber } from './card-numbers.ts';
import { CURRENCIES, type Currency } from './currencies.ts';
import { isDayOrInstant } from './days.ts';
import { ADDRESS_MAX_LENGTH, canonicalEmail, emailProblem } from './email-address.ts';
import { linesProblem, nameProblem, proseProblem, verbatimProblem, withPlainSpaces } from './text.ts';
import type { TextRule } from './text.ts';
import { isTimeZone } from './time-zones.ts';

export const currency = z.enum(CURRENCIES as [Currency, ...Currency[]], {
  error: 'must be a supported ISO 4217 code in capitals, such as EUR',
});

/** A positive amount in minor units (cents, yen, fils): a safe integer. */
export const amountMinor = z
  .int({ error: 'must be a whole number of minor units, at most 2^53 - 1' })
  .check(z.positive({ error: 'must be more than zero' }));

/** A time in UTC as ISO 8601 with milliseconds: `2026-11-23T09:30:00.000Z`. */
export const instant = z.iso.datetime({
  precision: 3,
  error: 'must be a UTC time such as 2026-11-23T09:30:00.000Z',
});

/** Text by a rule, whose sentence is the error. */
const byRule = (rule: TextRule) =>
  z.refine<string>((text) => rule(text) === null, { error: ({ input }) => rule(input as string) ?? '' });

const atMost = (maxLength: number) =>
  z.maxLength(maxLength, { error: `must have at most ${maxLength} characters` });

const noCardNumber = z.refine<string>((text) => !holdsCardNumber(text), {
  error:
    'looks like it contains a card number. Never type one here, ' +
    'and write other numbers in groups of five digits',
  params: { code: 'card_number_refused' },
});

/**
 * What people read as the name of a person or a thing: trimmed, on one line, in Unicode's composed form, with
 * single plain spaces, without invisible characters. Names in different letters of one script look different.
 */
export const displayName = (maxLength: number) =>
  z
    .string({ error: 'must be text' })
    .check(
      z.overwrite(withPlainSpaces),
      z.trim(),
      z.normalize('NFC'),
      z.minLength(1, { error: 'must not be empty' }),
      atMost(maxLength),
      byRule(nameProblem),
      noCardNumber,
    );

/** What people write, on one or more lines: trimmed, in Unicode's composed form; may be empty. */
export const prose = (maxLength: number, error = 'must be text') =>
  z
    .string({ error })
    .check(z.trim(), z.normalize('NFC'), atMost(maxLength), byRule(proseProblem), noCardNumber);

/** Text that is kept as it was sent, and may be empty. */
export const verbatim = (maxLength: number) =>
  z.string({ error: 'must be text' }).check(atMost(maxLength), byRule(verbatimProblem), noCardNumber);

/** The name of a value that is kept as it was sent. */
export const verbatimKey = (maxLength: number) =>
  verbatim(maxLength).check(z.minLength(1, { error: 'must not be empty' }), byRule(proseProblem));

/** A text to search for. */
export const searchText = (minLength: number, maxLength: number) =>
  z
    .string({ error: 'must be text to search for' })
    .check(
      z.trim(),
      z.normalize('NFC'),
      z.minLength(minLength, { error: `must have at least ${minLength} characters` }),
      atMost(maxLength),
      byRule(linesProblem),
    );

/** An e-mail address in the one form under which an account is known. */
export const email = z
  .string({ error: 'must be an e-mail address' })
  .check(
    z.overwrite(canonicalEmail),
    byRule(emailProblem),
    z.meta({ format: 'idn-email', maxLength: ADDRESS_MAX_LENGTH }),
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

/** A day, which is its midnight in UTC, or a UTC time; becomes a full UTC time. */
export const dayOrInstant = z.pipe(
  z.string().check(
    z.refine(isDayOrInstant, {
      error: 'must be a day such as 2026-11-23 or a UTC time such as 2026-11-23T09:30:00Z',
    }),
  ),
  z.transform((text: string) => new Date(text).toISOString()),
);

/** A day of a calendar, `2026-11-23`. */
export const wholeDay = z.string({ error: 'must be a day such as 2026-11-23' }).check(
  z.refine((text) => text.length === 'YYYY-MM-DD'.length && isDayOrInstant(text), {
    error: 'must be a day such as 2026-11-23',
  }),
);

/** A time zone by its name in the IANA database. */
export const timeZone = z.string({ error: 'must be the name of a time zone' }).check(
  z.refine(isTimeZone, {
    error: 'must be the name of a time zone, such as Europe/Berlin',
  }),
);
