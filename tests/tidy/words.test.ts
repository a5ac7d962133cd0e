import { code, linesWith, texts, textOf } from './files.ts';

/** The words of the changelog's table of renamed words; each is a whole word, in any case. */
const retired = [...textOf('CHANGELOG.md').matchAll(/^\| `([^`]+)` /gm)].flatMap(([, cell]) =>
  cell!.split(', '),
);
/** Their first meaning is another one. */
const OTHER_MEANINGS = /dead letter|Room Rental|socket\.io/i;

/** camelCase, PascalCase, snake_case and kebab-case as words with spaces between them. */
const asWords = (line: string): string =>
  line
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/[_-]/g, ' ')
    .toLowerCase();

it('the changelog names the words that are no longer used', () => {
  expect(retired.length).toBeGreaterThan(30);
});

it.each(retired)('"%s" is used nowhere', (word) => {
  const pattern = new RegExp(`\\b${word}\\b`);
  const paths = [...new Set([...code, ...texts])].filter(
    // Migrations that have run stay as they are; the changelog is where old words are explained.
    (path) =>
      path !== 'CHANGELOG.md' &&
      path !== 'package-lock.json' &&
      !/upgrade/.test(path) &&
      !/migrations\/.*[.]sql$/.test(path),
  );
  expect(linesWith(paths, (line) => pattern.test(asWords(line)) && !OTHER_MEANINGS.test(line))).toEqual([]);
});

it.each(retired.filter((word) => !word.includes(' ')))('no file or folder is named "%s"', (word) => {
  const pattern = new RegExp(`\\b${word}\\b`);
  const names = [...new Set([...code, ...texts])].filter((path) => !/migrations\//.test(path));
  expect(names.filter((path) => pattern.test(asWords(path)))).toEqual([]);
});

/** What pages call a thing, and the other words for it. */
const WORDS_OF_PAGES: readonly (readonly [word: string, others: RegExp])[] = [
  ['sign in, sign out', /(?<![.\w])(log[ -]?(in|out|on|off)|sign (on|off))\b/i],
  ['API reference', /API (docs|documentation)|documentation of the API/],
  ['try again', />\s*(retry|reload)\b/i],
];

it.each(WORDS_OF_PAGES)('pages say "%s" and nothing else for it', (_word, others) => {
  const pages = code.filter((path) => /^(mfes|shared\/(ui|client))\//.test(path) && !/test/.test(path));
  expect(linesWith(pages, (line) => others.test(line))).toEqual([]);
});
