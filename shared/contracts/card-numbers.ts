// Numbers of payment cards in text. ISO/IEC 7812-1 gives numbers their form; the issuer ranges and lengths
// are those of https://en.wikipedia.org/wiki/Payment_card_number. Every tenth number of any kind passes the
// Luhn check, so that ranges, lengths and groups decide too. Numbers of 13 digits are those of articles
// (EAN-13): Visa issues no cards of that length any more, and those of Maestro look like British articles.

type Scheme = { ranges: readonly (readonly [from: number, to: number])[]; lengths: readonly number[] };

const SCHEMES: Readonly<Record<string, Scheme>> = {
  visa: { ranges: [[4, 4]], lengths: [16, 19] },
  // prettier-ignore
  mastercard: { ranges: [[51, 55], [2221, 2720]], lengths: [16] },
  // prettier-ignore
  amex: { ranges: [[34, 34], [37, 37]], lengths: [15] },
  // prettier-ignore
  discover: { ranges: [[6011, 6011], [622126, 622925], [644, 649], [65, 65]], lengths: [16, 17, 18, 19] },
  // prettier-ignore
  diners: { ranges: [[300, 305], [3095, 3095], [36, 36], [38, 39]], lengths: [14, 15, 16, 17, 18, 19] },
  jcb: { ranges: [[3528, 3589]], lengths: [16, 17, 18, 19] },
  unionPay: { ranges: [[62, 62]], lengths: [16, 17, 18, 19] },
  // Only the ranges in common use: all of 50, 56 to 58 and 6 at 12 to 19 digits would refuse too much.
  maestro: {
    ranges: [5018, 5020, 5038, 5893, 6304, 6759, 6761, 6762, 6763].map((start) => [start, start]),
    lengths: [12, 14, 15, 16, 17, 18, 19],
  },
};

const isBetween = (digits: string, [from, to]: readonly [from: number, to: number]): boolean => {
  const start = Number(digits.slice(0, String(from).length));
  return start >= from && start <= to;
};

const passesLuhn = (digits: string): boolean => {
  let sum = 0;
  for (let index = 0; index < digits.length; index++) {
    const digit = Number(digits[digits.length - 1 - index]);
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
};

const isCardNumber = (digits: string): boolean =>
  Object.values(SCHEMES).some(
    ({ ranges, lengths }) =>
      lengths.includes(digits.length) && ranges.some((range) => isBetween(digits, range)),
  ) && passesLuhn(digits);

/** Identifiers and hashes in hexadecimal, numbers with many decimals, and phone numbers (ITU-T E.164). */
const OTHERS = [
  /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi,
  /[0-9a-f]{32,}/gi,
  /(?:^|[^\d.])\d{1,11}\.\d{12,}(?![\d.])/g,
  /\+\d(?:[\s().\-/]{0,2}\d){6,14}(?![\s().\-/]{0,2}\d)/g,
];

/** The check digits of IBANs and creditor references (ISO 7064 MOD 97-10). */
const passesMod97 = (reference: string): boolean => {
  let rest = 0;
  for (const sign of reference.slice(4) + reference.slice(0, 4))
    rest = Number(`${rest}${Number.parseInt(sign, 36)}`) % 97;
  return rest === 1;
};

const BANK_REFERENCE = { start: /\b[a-z]{2}\d{2}/gi, minLength: 15, maxLength: 34 } as const;

/** The text with spaces in the place of IBANs and creditor references. */
const withoutBankReferences = (text: string): string => {
  let left = text;
  for (const { index } of text.matchAll(BANK_REFERENCE.start)) {
    const [signs = ''] = text.slice(index, index + 2 * BANK_REFERENCE.maxLength).split(/[^a-z0-9 ]/i);
    const words = signs.split(' ');
    for (let count = 1; count <= words.length; count++) {
      const written = words.slice(0, count).join(' ');
      const reference = written.replaceAll(' ', '');
      if (reference.length < BANK_REFERENCE.minLength) continue;
      if (reference.length > BANK_REFERENCE.maxLength) break;
      if (passesMod97(reference))
        left = left.slice(0, index) + ' '.repeat(written.length) + left.slice(index + written.length);
    }
  }
  return left;
};

/**
 * Full-width and Arabic digits as ASCII, special spaces as spaces, without what has no width or encloses a
 * digit (keycaps).
 */
const plain = (text: string): string =>
  text
    .normalize('NFKC')
    .replaceAll(/\p{DI}|\p{Me}/gu, '')
    .replaceAll(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) & 0xf));

/** A whole row of single digits with one and the same mark between them: `4 2 4 2…`. */
const DIGIT_BY_DIGIT = /(?<![\d.]\D?)\d(?:([\s.\-_/])\d)(?:\1\d){10,17}(?!\D?\d)/g;

/** How people group the numbers of cards, as the lengths of the groups. */
const GROUPINGS = [
  [4, 4, 4, 4],
  [4, 4, 4, 4, 3],
  [4, 6, 5],
  [4, 6, 4],
  [8, 8],
  [4, 4, 4, 2],
  [4, 4, 4],
] as const;
const SEPARATOR = /^[\s.,:;_/|·+*()\-\u2010-\u2015]{1,3}$/;

type Group = { digits: string; /** What stands between the group before and this one. */ gap: string };

const groupsOf = (text: string): Group[] => {
  let end = 0;
  return [...text.matchAll(/\d+/g)].map(({ 0: digits, index }) => {
    const gap = text.slice(end, index);
    end = index + digits.length;
    return { digits, gap };
  });
};

const isNextTo = (group: Group | undefined): boolean => group !== undefined && SEPARATOR.test(group.gap);

/**
 * Whether the groups from `start` on are a card number. In a longer row of groups of four it is one at the
 * beginning or at the end (beside an expiry date, a number before it), not in the middle of a reference.
 */
const startsCardNumber = (groups: readonly Group[], start: number): boolean =>
  GROUPINGS.some((lengths) => {
    const found = groups.slice(start, start + lengths.length);
    const after = groups[start + lengths.length];
    const isInside =
      groups[start - 1]?.digits.length === 4 &&
      isNextTo(groups[start]) &&
      after?.digits.length === 4 &&
      isNextTo(after);
    return (
      !isInside &&
      lengths.every((length, index) => {
        const group = found[index];
        return group?.digits.length === length && (index === 0 || isNextTo(group));
      }) &&
      isCardNumber(found.map(({ digits }) => digits).join(''))
    );
  });

/** The fewest digits of a card number. */
const MIN_LENGTH = 12;

/**
 * Whether the text holds the number of a payment card: digits of a card's length, in one piece or in the
 * groups that are printed on cards, from the range of a card scheme and with a right check digit. It may
 * stand between other characters, but is no part of a longer number, an IBAN, a UUID, a phone number or a
 * fraction.
 */
export const holdsCardNumber = (text: string): boolean => {
  if ((text.match(/\p{N}/gu)?.length ?? 0) < MIN_LENGTH) return false;
  const joined = plain(text).replaceAll(DIGIT_BY_DIGIT, (row) => row.replaceAll(/\D/g, ''));
  const looked = OTHERS.reduce((left, other) => left.replaceAll(other, ' x '), joined);
  const groups = groupsOf(withoutBankReferences(looked));
  return groups.some(({ digits }, start) => isCardNumber(digits) || startsCardNumber(groups, start));
};
