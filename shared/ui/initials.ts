const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

const graphemesOf = (text: string): string[] => [...segmenter.segment(text)].map(({ segment }) => segment);

/** The first letter or digit of a word with its marks, in upper case; undefined for an emoji or a sign. */
const initialOf = (word: string): string | undefined => {
  const letter = graphemesOf(word).find((grapheme) => /^[\p{L}\p{N}]/u.test(grapheme));
  return letter && graphemesOf(letter.toUpperCase())[0];
};

/**
 * What stands for a user in the header: the initials of the first and the last word of the name. Only one
 * where a script has no upper case, since two such letters are a word of their own (Arabic) or half a name
 * (Chinese); that of the e-mail address for a name without letters.
 */
export const initialsOf = ({ name, email }: { name: string; email: string }): string => {
  const [first, ...others] = name.split(/\s+/).flatMap((word) => initialOf(word) ?? []);
  if (first === undefined) return initialOf(email) ?? '';
  const last = others.at(-1);
  const isPair = last !== undefined && [first, last].every((letter) => /^[\p{Lu}\p{N}]/u.test(letter));
  return isPair ? first + last : first;
};
