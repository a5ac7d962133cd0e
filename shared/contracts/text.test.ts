import { isStorable, linesProblem, nameProblem, proseProblem, verbatimProblem } from './text.ts';

const DIRECTION = 'must not contain characters that change the direction of text';
const CONTROL = 'must not contain control characters';
const INVISIBLE = 'must not contain invisible characters';
const PRIVATE = 'must not contain characters for private use';
const MARKS = 'must not have more than 4 accents on one letter';
const SCRIPTS = 'must not mix Latin, Cyrillic, Greek or Cherokee letters in one word';
const BLANK = 'must contain a visible character';

describe('a name', () => {
  it.each([
    'Ada Lovelace',
    'Åsa Öberg-Müller',
    "Siobhán O'Connor 2nd",
    'Иван Петров',
    'מרים כהן',
    'محمد العربي',
    '山田 太郎',
    // An ideographic variant, as in the register of Katsushika.
    '葛\u{e0100}飾',
    // Persian with a zero-width non-joiner; Hindi, Bengali, Sinhala and Malayalam with joiners.
    'علی\u200cرضا',
    'शर्\u200dमा',
    'ক্\u200cষ',
    'ශ්\u200dරී',
    'രാജന്\u200d',
    '\u1820\u180b',
    'نیم\u200cفاصله',
    'Café 🌻',
    '👩\u200d🚀 Space & Co',
    '👨\u200d👩\u200d👧\u200d👦',
    '👍🏽',
    '❤\ufe0f',
    'Stall 1\ufe0f\u20e3',
    '\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}',
    '¥€$',
    '7',
    // Several marks on a letter, as Vietnamese, Hebrew, Thai and Tibetan have them.
    'Nguyễn Thị Ế',
    'שָּׁלוֹם',
    'น้ำทิพย์',
    'བསྒྲུབས',
    // Scripts side by side that nobody takes for each other, or in words of their own.
    'ร้านABC',
    'ソニーTV',
    'Кафе Roma',
    'µm Optics',
  ])('may be %j', (name) => expect(nameProblem(name)).toBeNull());

  it.each([
    ['\u202eecalevoL adA', DIRECTION],
    ['Ada \u2066Lovelace\u2069', DIRECTION],
    ['Ada\u200f', DIRECTION],
    ['Ada\u200e', DIRECTION],
    ['\u061cAda', DIRECTION],
    ['Ada\u0000', CONTROL],
    ['Ada\nLovelace', CONTROL],
    ['Ada\u0085', CONTROL],
    ['\u2800', BLANK],
    ['\u3164', BLANK],
    ['\uffa0\u115f\u1160', BLANK],
    ['\u200b\u200c\u200d\u2060', BLANK],
    ['\u00ad \u034f', BLANK],
    ['\ufe0f', BLANK],
    ['\u0301', BLANK],
    ['Ada\u200bLovelace', INVISIBLE],
    ['Ada\u200cLovelace', INVISIBLE],
    ['Ada\u200dLovelace', INVISIBLE],
    ['A\ufe0fda', INVISIBLE],
    ['A\u00adda', INVISIBLE],
    ['Ada\u3164', INVISIBLE],
    ['Ada\u2800Lovelace', INVISIBLE],
    ['Ada\u2028Lovelace', INVISIBLE],
    ['علی\u200c\u200cرضا', INVISIBLE],
    ['علی\u200c', INVISIBLE],
    // Between letters that do not join, and where no form changes (RFC 5892, A.1 and A.2).
    ['دار\u200cا', INVISIBLE],
    ['ع\u200dلی', INVISIBLE],
    ['क\u200cमल', INVISIBLE],
    ['क\u200dमल', INVISIBLE],
    ['ශ්\u200d\u200dරී', INVISIBLE],
    ['Ada \ue000', PRIVATE],
    ['\u{100000}', BLANK],
    ['👩\u200d', INVISIBLE],
    ['\u{e0041}Ada', INVISIBLE],
    ['\u0301Ada', 'must not start with an accent'],
    [`A${'\u0301'.repeat(5)}da`, MARKS],
    [`Z${'\u0302\u0323\u0334'.repeat(30)}`, MARKS],
    [`É${'\u0323'.repeat(4)}`, MARKS],
    ['Ada\ufffc', INVISIBLE],
    // Flags of regions that have no picture: they all look like a black flag.
    ['\u{1f3f4}\u{e0061}\u{e0062}\u{e0063}\u{e007f}', INVISIBLE],
    ['Раypal', SCRIPTS],
    ['Vera Vеndor', SCRIPTS],
    ['Αlpha', SCRIPTS],
    ['ΑВ', SCRIPTS],
    ['ᎪBC', SCRIPTS],
  ])('must not be %j', (name, problem) => expect(nameProblem(name)).toBe(problem));
});

it.each<[string, string | null, string | null]>([
  ['two\nlines\tand a tab', null, null],
  ['مرحبا\u200f 12', null, null],
  ['zero\u200bwidth', null, null],
  ['', null, null],
  [' ', null, BLANK],
  ['\u2800\u3164', null, BLANK],
  ['\u202egnp.exe', DIRECTION, DIRECTION],
  ['\u2067x\u2069', DIRECTION, DIRECTION],
  ['a\u0007', CONTROL, CONTROL],
  ['o\u0302\u0323\u0301\u0308', null, null],
  [`x${'\u0301'.repeat(400)}`, null, MARKS],
  // With joiners between them they still pile up.
  [`x${'\u0301\u200c\u0301\u200d'.repeat(3)}`, null, MARKS],
])('text %j sent verbatim has the problem %j, and as prose %j', (text, verbatim, prose) => {
  expect([verbatimProblem(text), proseProblem(text)]).toEqual([verbatim, prose]);
});

it('a text to search for may hold what a text holds, without control characters', () => {
  expect([linesProblem('\u202ex'), linesProblem('a\u0000')]).toEqual([null, CONTROL]);
});

it.each([
  ['😀', true],
  ['\ufffd\uffff', true],
  ['\ud83d', false],
  ['\ude00\ud83d', false],
  ['a\u0000', false],
])('%j can be stored: %s', (text, storable) => expect(isStorable(text)).toBe(storable));
