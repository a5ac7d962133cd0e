import { dayOrInstant, email, holdsCardNumber, printable, wholeNumber } from './fields.ts';

describe('holdsCardNumber', () => {
  it.each([
    '4242 4242 4242 4242',
    'pay with 4242424242424242 please',
    '3782-822463-10005',
    '6011000990139424',
  ])('finds the number in %j', (text) => expect(holdsCardNumber(text)).toBe(true));
  it.each([
    'order 1234567890123',
    'call +49 30 1234567',
    '0000000000000000',
    'invoice 2026-11-23',
    '4242 4242',
  ])('sees none in %j', (text) => expect(holdsCardNumber(text)).toBe(false));
});

describe('fields', () => {
  it('take e-mail addresses that differ in case and margin as one', () => {
    expect(email.parse('  Ada@Example.COM ')).toBe('ada@example.com');
  });
  it.each(['ada', 'ada@', `${'a'.repeat(251)}@b.co`, 7, null])('refuse %j as an e-mail address', (value) => {
    expect(email.safeParse(value).success).toBe(false);
  });
  it.each([
    [5, 5],
    ['5', 5],
    ['100', 100],
  ])('take %j for a whole number', (value, number) => expect(wholeNumber(1, 100).parse(value)).toBe(number));
  it.each(['', '5.0', '0', '101', -1, 1.5, 'ten', '٣'])('refuse %j as a number from 1 to 100', (value) => {
    expect(wholeNumber(1, 100).safeParse(value).success).toBe(false);
  });
  it('take a day as its midnight in UTC', () => {
    expect(dayOrInstant.parse('2026-11-23')).toBe('2026-11-23T00:00:00.000Z');
  });
  it.each(['2026-13-01', '23.11.2026', '2026-11-23T10:00:00+02:00', 'now'])(
    'refuse %j as a time',
    (value) => {
      expect(dayOrInstant.safeParse(value).success).toBe(false);
    },
  );
  it('refuse control characters but not line breaks', () => {
    const text = (value: string) => printable._zod.def.pattern?.test(value);
    expect([text('two\nlines'), text('nul\u0000')]).toEqual([true, false]);
  });
});
