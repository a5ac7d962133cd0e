/** Letters that do not come apart into a plain letter and a mark. */
const PLAIN: Readonly<Record<string, string>> = {
  ß: 'ss',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  æ: 'ae',
  œ: 'oe',
  þ: 'th',
  ı: 'i',
};

/** A text as it is compared: without case and marks, `Žofia Øst` as `zofia ost`. */
export const folded = (text: string): string =>
  text
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[ßøłđæœþı]/g, (letter) => PLAIN[letter] ?? letter)
    .trim();

/** How far the letters of the query lie apart in the text, in order; null where one is missing. */
const spread = (query: string, text: string): number | null => {
  let at = text.indexOf(query.charAt(0));
  const first = at;
  for (const letter of query.slice(1)) {
    if (at === -1) return null;
    at = text.indexOf(letter, at + 1);
  }
  return at === -1 ? null : at - first;
};

/** The best fit of each kind; the next kind begins at the next number. */
const PREFIX = 0;
const WORD_START = 1;
const WITHIN = 2;
const SCATTERED = 3;

/** How well one text fits: the kind, and below the point how tight a scattered fit is. */
const fitOf = (query: string, text: string): number | null => {
  if (text.startsWith(query)) return PREFIX;
  const words = text.split(/[^\p{L}\p{N}]+/u);
  const typed = query.split(/\s+/);
  if (typed.every((part) => words.some((word) => word.startsWith(part)))) return WORD_START;
  if (text.includes(query)) return WITHIN;
  const apart = spread(query.replaceAll(/\s/g, ''), text);
  return apart === null ? null : SCATTERED + Math.min(apart, 99) / 100;
};

/** Other words for the same thing never count as scattered letters, which fit nearly every long text. */
const fitOfWords = (query: string, words: string): number | null => {
  const fit = fitOf(query, words);
  return fit === null || fit >= WITHIN ? null : WORD_START + 0.5;
};

/** What is compared: the label that is shown, and other words for the same thing. */
export type Named = { label: string; words?: string | undefined };

/**
 * The items that fit what was typed, the best first: those that begin with it, those with words that do,
 * those that contain it, those with its letters in that order. Equal ones keep their order. An empty query
 * fits all.
 */
export const ranked = <Item extends Named>(query: string, items: readonly Item[]): Item[] => {
  const typed = folded(query);
  if (typed === '') return [...items];
  const fits = items.flatMap((item) => {
    const found = [fitOf(typed, folded(item.label)), fitOfWords(typed, folded(item.words ?? ''))];
    const best = Math.min(...found.map((fit) => fit ?? Infinity));
    return best === Infinity ? [] : [{ item, best }];
  });
  return fits.sort((one, other) => one.best - other.best).map(({ item }) => item);
};
