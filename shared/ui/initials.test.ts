import { initialsOf } from './initials.ts';

const email = 'nora.new@example.com';

describe('initials', () => {
  it.each([
    ['two names', 'Carl Customer', 'CC'],
    ['first and last of several', 'Ana Maria de la Cruz', 'AC'],
    ['small letters', 'ada lovelace', 'AL'],
    ['a single name', 'Cher', 'C'],
    ['spaces around and between', '  Ada \t Lovelace ', 'AL'],
    ['an apostrophe, a hyphen, brackets', "(Anne-Marie) O'Neil", 'AO'],
    ['digits', '4 Seasons', '4S'],
    ['an accent as a combining mark', 'E\u0301mile Zola', 'E\u0301Z'],
    ['a letter that becomes two in upper case', 'ßeta', 'S'],
    ['letters outside the first plane', '𝓐da 𐐨oe', '𝓐𐐀'],
    ['an emoji after the name', 'Zoë 🌸', 'Z'],
    ['emoji before it, of several code points', '👩‍👩‍👧 🇩🇪 Family Bakery', 'FB'],
    ['Greek', 'Ελένη Παππά', 'ΕΠ'],
    ['Arabic, whose letters would join', 'محمد علي', 'م'],
    ['Hebrew', 'דוד כהן', 'ד'],
    ['Chinese', '王小明', '王'],
    ['Japanese with a space', '山田 太郎', '山'],
    ['Korean', '김민수', '김'],
    ['a conjunct of Devanagari', 'क्षितिज शर्मा', 'क्षि'],
    ['two scripts', 'Ada 王', 'A'],
  ])('of %s', (_what, name, initials) => {
    expect(initialsOf({ name, email })).toBe(initials);
  });

  it.each(['🌸', '—', '   ', '', '\ud83c', '\u0301'])('of %j come from the e-mail address', (name) => {
    expect(initialsOf({ name, email })).toBe('N');
  });

  it('are nothing where there is no letter at all', () => {
    expect(initialsOf({ name: '!', email: '_@_' })).toBe('');
  });
});
