import { isStorable } from '../../shared/contracts/text.ts';

/** Text that PostgreSQL cannot store: where it is, and what is wrong with it. */
export type Unstorable = { path: string[]; message: string };

const problemOf = (text: string): string =>
  text.includes('\0')
    ? 'must not contain the character U+0000'
    : 'must not contain half of a surrogate pair (U+D800 to U+DFFF)';

/** A key with its wrong characters as escapes, which an answer can hold. */
const shown = (key: string): string =>
  key.replaceAll(/[\0\ud800-\udfff]/gu, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);

const collect = (value: unknown, path: string[], found: Unstorable[]): void => {
  if (typeof value === 'string') {
    if (!isStorable(value)) found.push({ path, message: problemOf(value) });
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (isStorable(key)) collect(inner, [...path, key], found);
    else found.push({ path: [...path, shown(key)], message: problemOf(key) });
  }
};

/** The fields and keys of params with NUL or half of a surrogate pair. */
export const unstorableFields = (params: unknown): Unstorable[] => {
  const found: Unstorable[] = [];
  collect(params, [], found);
  return found;
};
