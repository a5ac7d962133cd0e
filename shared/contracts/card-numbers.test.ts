import fc from 'fast-check';
import { holdsCardNumber } from './card-numbers.ts';

const CARDS = [
  ['Visa', '4242424242424242'],
  ['Visa of 19 digits', '4000000000000000006'],
  ['Mastercard', '5555555555554444'],
  ['Mastercard of the range from 2221', '2223003122003222'],
  ['American Express', '378282246310005'],
  ['Discover', '6011111111111117'],
  ['Discover of the range 65', '6500000000000002'],
  ['Diners Club', '30569309025904'],
  ['Diners Club of the range 36', '36227206271667'],
  ['JCB', '3566002020360505'],
  ['UnionPay', '6200000000000005'],
  ['Maestro', '6759649826438453'],
  ['Maestro of 12 digits', '501800000009'],
] as const;

const groupsOf = (digits: string): string[] => {
  const lengths = digits.length === 15 ? [4, 6, 5] : digits.length === 14 ? [4, 6, 4] : [4, 4, 4, 4, 3];
  const groups: string[] = [];
  let at = 0;
  for (const length of lengths) groups.push(digits.slice(at, (at += length)));
  return groups.filter((group) => group !== '');
};

describe.each(CARDS)('the number of a %s card', (_scheme, digits) => {
  const written = [
    digits,
    ...(digits.length >= 14 ? [' ', '-', '.', '\u00a0', '\u202f', '  ', ' - '] : []),
  ].map((separator) => (separator === digits ? digits : groupsOf(digits).join(separator)));
  it.each(written)('is found as %j, in any text', (number) => {
    const texts = ['', 'card', 'Pay with ', '(', 'No.', '2026-11-23 ', 'INV-7 ', '12/27 '].flatMap((before) =>
      ['', '!', ' please', 'x', ', exp 12/27', ' 12/27 123', '.'].map((after) => before + number + after),
    );
    expect(texts.filter((text) => !holdsCardNumber(text))).toEqual([]);
  });
  it('is not found when a digit is wrong', () => {
    const wrong = digits.slice(0, -1) + ((Number(digits.at(-1)) + 1) % 10);
    expect(holdsCardNumber(wrong)).toBe(false);
  });
  it('is not found in a longer number', () => {
    expect(holdsCardNumber(`${digits}${'7'.repeat(20 - digits.length)}`)).toBe(false);
    expect(holdsCardNumber(`1${'0'.repeat(20)}${digits}`)).toBe(false);
  });
});

it.each(['４２４２ ４２４２ ４２４２ ４２４２', '٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢', '4242\u200b4242\u200b4242\u200b4242'])(
  'a number is found in other digits, and across characters without width: %j',
  (text) => expect(holdsCardNumber(text)).toBe(true),
);

it.each([
  '4242 4242 4242 4242 1228',
  '4242-4242-4242-4242-1228-123',
  'Order 1001 4242 4242 4242 4242',
  '5555 5555 5555 4444 4242 4242 4242 4242',
  '4242 4242 4242\n4242',
  '4242_4242_4242_4242',
  '4242, 4242, 4242, 4242',
  '4242 4242  4242-4242',
  '42424242 42424242',
  '3782 822463 10005 1228',
  '3056 9309 0259 04',
  '5018 0000 0009',
  '+4242 4242 4242 4242',
  'call +49 1511 2345674, or 4242 4242 4242 4242',
  '4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2',
  'card 3-7-8-2-8-2-2-4-6-3-1-0-0-0-5 please',
  '4️⃣2️⃣4️⃣2️⃣4️⃣2️⃣4️⃣2️⃣4️⃣2️⃣4️⃣2️⃣4️⃣2️⃣4️⃣2️⃣',
  '④②④② ④②④② ④②④② ④②④②',
  '(4242)(4242)(4242)(4242)',
  '4242+4242+4242+4242',
  '4242*4242*4242*4242',
])('a number is found beside other numbers and in uneven groups: %j', (text) =>
  expect(holdsCardNumber(text)).toBe(true),
);

it.each([
  'order 1234567890123',
  'call +49 30 1234567',
  'call +4915112345674',
  'call +42 (424) 242-42424242',
  'call +4242 4242 4242 424',
  // EAN-13; also one that a Visa card of 13 digits and a Maestro card could have.
  '4006381333931',
  '4222222222222',
  '5018000000007',
  // Another number in groups of five.
  '42424 24242 42424 2',
  '42424-24242-42424-2',
  '0000000000000000',
  'invoice 2026-11-23, 2026-11-24, 2026-11-25',
  '4242 4242',
  // In the middle of a longer reference.
  '1001 4242 4242 4242 4242 2002',
  '42424242424242424242',
  // In a longer row, and in one with different marks.
  '4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2 1 1 1 1 1',
  '1.1.4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2',
  '1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16',
  // These pass the Luhn check and lie in no range.
  '1234567812345670',
  '9999999999999995',
  '1764385200000',
  '1764385200000001',
  'DE89 3704 0044 0532 0130 00',
  'de12430500010123456782',
  'BE71 0961 2345 6769',
  'GB29NWBK60161331926819',
  'RF18 5390 0754 7034',
  'pay_0190a1b24242424242424242c3d4e5f6',
  '42424242-4242-4242-8242-424242424242',
  '0.4242424242424242',
  '48.137154000000000, 11.576124000000000',
])('sees none in %j', (text) => expect(holdsCardNumber(text)).toBe(false));

const digitsOf = (length: number) =>
  fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length })
    .map((all) => all.join(''));

/** The digits with the check digit that makes them pass the Luhn check. */
const withCheckDigit = (digits: string): string => {
  let sum = 0;
  for (const [index, digit] of [...digits].reverse().entries()) {
    const doubled = index % 2 === 0 ? Number(digit) * 2 : Number(digit);
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return digits + ((10 - (sum % 10)) % 10);
};

const RANGES = [
  '4',
  '51',
  '55',
  '2221',
  '2720',
  '6011',
  '65',
  '644',
  '3528',
  '3589',
  '62',
  '300',
  '36',
  '3095',
];

it('every number of a range is found, between words', () => {
  const card = fc
    .constantFrom(...RANGES)
    .chain((range) => digitsOf(15 - range.length).map((rest) => withCheckDigit(range + rest)));
  const separator = fc.constantFrom('', ' ', '-', '.', '\u00a0');
  const word = fc.stringMatching(/^[g-zG-Z ,:;(!?]{0,12}$/);
  // Two letters right before it make one number of 97 an IBAN.
  const wordBefore = word.filter((text) => !/\b[a-z]{2} ?$/i.test(text));
  fc.assert(
    fc.property(card, separator, wordBefore, word, (digits, between, before, after) => {
      const number = groupsOf(digits).join(between);
      expect(holdsCardNumber(before + number + after)).toBe(true);
    }),
  );
});

/** An IBAN with right check digits (ISO 13616). */
const ibanOf = (country: string, account: string): string => {
  const numeric = [...`${account}${country}00`].map((sign) => Number.parseInt(sign, 36)).join('');
  return `${country}${String(98n - (BigInt(numeric) % 97n)).padStart(2, '0')}${account}`;
};

it('numbers of other kinds are not taken for one, whatever their digits', () => {
  const iban = fc
    .tuple(
      fc.constantFrom(['DE', 18], ['BE', 12], ['AT', 16], ['FR', 23], ['CH', 17], ['RF', 20]),
      fc.boolean(),
    )
    .chain(([[country, length], inGroups]) =>
      digitsOf(Number(length)).map((account) => {
        const plain = ibanOf(String(country), account);
        return inGroups ? plain.replaceAll(/(.{4})(?=.)/g, '$1 ') : plain;
      }),
    );
  const epochMs = fc.integer({ min: 946_684_800_000, max: 3_999_999_999_999 }).map(String);
  const day = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2099-12-31') });
  const time = day.map((at) => at.toISOString());
  const phone = digitsOf(10).map((number) => `+49151${number}`);
  const reference = fc
    .tuple(fc.constantFrom('INV-', 'ORD ', 'No. '), digitsOf(8))
    .map((parts) => parts.join(''));
  const long = fc.integer({ min: 20, max: 40 }).chain(digitsOf);
  fc.assert(
    fc.property(fc.oneof(iban, fc.uuid(), epochMs, time, phone, reference, long), (text) => {
      expect([text, holdsCardNumber(`for ${text}, thanks`)]).toEqual([text, false]);
    }),
    { numRuns: 2_000 },
  );
});
