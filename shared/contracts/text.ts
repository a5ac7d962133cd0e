// Rules for text that people type. They are functions and no patterns of a schema, because JSON Schema has no
// Unicode properties in its patterns.

/** Whether every database and program can take the text: no NUL, and no half of a surrogate pair. */
export const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

/** The text with one plain space for each row of spaces, of every width: how names are kept. */
export const withPlainSpaces = (text: string): string => text.replaceAll(/\p{Zs}+/gu, ' ');

const CONTROL = /\p{Cc}/u;
const CONTROL_IN_LINES = /[^\P{Cc}\n\r\t]/u;

/** Embeddings, overrides and isolates (UAX #9, 2.1 to 2.5): they show text in another order than it has. */
const BIDI_CONTROL = /[\u202a-\u202e\u2066-\u2069]/u;
/** Those, and the marks that have a direction and no form (UAX #9, 2.6). */
const BIDI_CHARACTER = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** A word with the joiners U+200C and U+200D, which choose the form of a letter beside them. */
const JOINED_WORD = /[\p{L}\p{M}]+(?:[\u200c\u200d][\p{L}\p{M}]+)*[\u200c\u200d]?/gu;
const JOINER = /[\u200c\u200d]/;
const PICTURE = '\\p{ExtPict}[\\u{1f3fb}-\\u{1f3ff}]?[\\ufe0e\\ufe0f]?';

/** The flag of a part of the United Kingdom: a black flag, then its code in tag characters. */
const flagOf = (part: string): string => {
  const tags = [...`gb${part}`].map((letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0)));
  return `\u{1f3f4}${tags.join('')}\u{e007f}`;
};

/** Where characters without a form of their own are right; each match has a form. */
const WITH_FORM = new RegExp(
  [
    // Emoji: the flags of England, Scotland and Wales (others of this kind look like a black flag), families
    // and professions, keycaps (UTS #51).
    ...['eng', 'sct', 'wls'].map(flagOf),
    `${PICTURE}(?:\\u200d${PICTURE})*`,
    '[0-9#*]\\ufe0f\\u20e3',
    // Variants of ideographs, as in Japanese names, and of Mongolian letters.
    '\\p{sc=Han}[\\ufe00-\\ufe02\\u{e0100}-\\u{e01ef}]',
    '\\p{sc=Mong}[\\u180b-\\u180d\\u180f]',
  ].join('|'),
  'gu',
);

/** Characters without a form: fillers, zero widths, the empty Braille pattern, separators, annotations. */
const INVISIBLE = /[\p{DI}\u2800\u2028\u2029\ufff9-\ufffc]/u;
const EVERY_INVISIBLE = new RegExp(INVISIBLE, 'gu');
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

/**
 * The text with x in the place of characters that have no form of their own, where they are right. A joiner
 * is right where it changes a form (RFC 5892, A.1 and A.2), which URLs check in host names (UTS #46).
 */
const withoutRightOnes = (text: string): string =>
  text
    .replaceAll(WITH_FORM, 'x')
    .replaceAll(JOINED_WORD, (word) => (JOINER.test(word) && URL.canParse(`http://${word}`) ? 'x' : word));

const hasForm = (text: string): boolean =>
  VISIBLE.test(withoutRightOnes(text).replaceAll(EVERY_INVISIBLE, ''));

const MARKS_MAX = 4;
const TOO_MANY_MARKS = new RegExp(`[\\p{Mn}\\p{Me}]{${MARKS_MAX + 1}}`, 'u');

/** Whether so many marks stand on one character that they cover the lines around it (UTS #39, 5.4). */
const isPiledUp = (text: string): boolean =>
  TOO_MANY_MARKS.test(text.normalize('NFD').replaceAll(EVERY_INVISIBLE, ''));
const PILED_UP = `must not have more than ${MARKS_MAX} accents on one letter`;

/** Scripts with letters that look alike: `Раypal` is half Cyrillic (UTS #39, 5.2). */
const ALIKE = ['Latin', 'Cyrillic', 'Greek', 'Cherokee'].map((name) => new RegExp(`\\p{sc=${name}}`, 'u'));

const mixesScripts = (text: string): boolean =>
  text.split(/[^\p{L}\p{M}]+/u).some((word) => ALIKE.filter((script) => script.test(word)).length > 1);

/** A rule that text can break: what is wrong, to follow the name of the field, or null. */
export type TextRule = (text: string) => string | null;

/** A text without control characters other than line breaks and tabs: none is visible. */
export const linesProblem: TextRule = (text) =>
  CONTROL_IN_LINES.test(text) ? 'must not contain control characters' : null;

/** A text that is kept as it was sent: on lines, and shown in the order that it has. */
export const verbatimProblem: TextRule = (text) =>
  BIDI_CONTROL.test(text)
    ? 'must not contain characters that change the direction of text'
    : linesProblem(text);

/** A text for people: one that is not empty has something to see, and it covers nothing else. */
export const proseProblem: TextRule = (text) => {
  if (text !== '' && !hasForm(text)) return 'must contain a visible character';
  return isPiledUp(text) ? PILED_UP : verbatimProblem(text);
};

/**
 * A name on one line. Names that differ must look different, so that a name has no invisible characters, and
 * none that change how the text around the name looks.
 */
export const nameProblem: TextRule = (text) => {
  if (text === '') return null;
  if (CONTROL.test(text)) return 'must not contain control characters';
  if (BIDI_CHARACTER.test(text)) return 'must not contain characters that change the direction of text';
  if (!hasForm(text)) return 'must contain a visible character';
  if (INVISIBLE.test(withoutRightOnes(text))) return 'must not contain invisible characters';
  if (/\p{Co}/u.test(text)) return 'must not contain characters for private use';
  if (isPiledUp(text)) return PILED_UP;
  if (mixesScripts(text)) return 'must not mix Latin, Cyrillic, Greek or Cherokee letters in one word';
  return /^\p{M}/u.test(text) ? 'must not start with an accent' : null;
};
