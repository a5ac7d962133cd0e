import {
  dayOrInstant,
  displayName,
  email,
  instant,
  prose,
  searchText,
  verbatim,
  verbatimKey,
  wholeNumber,
} from './fields.ts';

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
  it('take a UTC time, also without seconds', () => {
    expect(dayOrInstant.parse('2024-02-29T23:59Z')).toBe('2024-02-29T23:59:00.000Z');
  });
  it.each([
    ...['2026-13-01', '2026-00-10', '2026-02-29', '2026-02-30', '2026-04-31', '2100-02-29', '2026-11-00'],
    ...['2026-11-23T24:00Z', '2026-11-23T24:00:00Z', '2026-12-31T23:59:60Z', '2026-11-23T10:60Z'],
    ...[
      '23.11.2026',
      '2026-11-23T10:00:00+02:00',
      '2026-11-23T10:00',
      '+002026-11-23',
      '2026-1-1',
      'now',
      '',
    ],
  ])('refuse %j as a time', (value) => {
    expect(dayOrInstant.safeParse(value).success).toBe(false);
  });
  it.each(['2026-02-30T00:00:00.000Z', '2026-11-23T24:00:00.000Z', '2026-12-31T23:59:60.000Z'])(
    'refuse %j as an instant',
    (value) => expect(instant.safeParse(value).success).toBe(false),
  );
  it('trim names and compose their letters', () => {
    expect(displayName(10).parse('\u00a0 Jose\u0301 ')).toBe('Jos\u00e9');
  });
  it.each(['Ada  Lovelace', 'Ada\u00a0Lovelace', 'Ada\u3000\u200aLovelace', 'Ada \u202f Lovelace'])(
    'take %j for the same name as with one plain space',
    (name) => expect(displayName(20).parse(name)).toBe('Ada Lovelace'),
  );
  it.each([
    ['', 'must not be empty'],
    [' \u3000 ', 'must not be empty'],
    ['\u3164', 'must contain a visible character'],
    ['x'.repeat(11), 'must have at most 10 characters'],
    [7, 'must be text'],
  ])('refuse %j as a name', (value, message) => {
    expect(displayName(10).safeParse(value).error?.issues[0]?.message).toBe(message);
  });
  it.each([
    ['a name', displayName(100)],
    ['prose', prose(100)],
    ['verbatim text', verbatim(100)],
    ['its key', verbatimKey(100)],
  ])('refuse a card number in %s', (_what, field) => {
    expect(field.safeParse('Card 4242 4242 4242 4242').error?.issues).toMatchObject([
      { params: { code: 'card_number_refused' } },
    ]);
  });
  it('keep verbatim text as it is', () => {
    expect(verbatim(100).parse(' e\u0301\n')).toBe(' e\u0301\n');
  });
  it('compose a text to search for as names are composed', () => {
    expect(searchText(3, 10).parse(' jose\u0301 ')).toBe('jos\u00e9');
  });
});
