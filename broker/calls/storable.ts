import type { FieldError } from '../../shared/contracts/errors.ts';
import { isStorable } from '../../shared/contracts/text.ts';

const MESSAGE = 'must be Unicode text without the character U+0000';

const collect = (value: unknown, path: string, found: FieldError[]): void => {
  if (typeof value === 'string') {
    if (!isStorable(value)) found.push({ path, message: MESSAGE });
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    // A key is named by its object: the problem would have the same characters otherwise.
    if (isStorable(key)) collect(inner, path === '' ? key : `${path}.${key}`, found);
    else found.push({ path, message: MESSAGE });
  }
};

/**
 * The fields of params, or the objects with keys, whose text PostgreSQL cannot store: with NUL, or with half
 * of a surrogate pair.
 */
export const unstorableFields = (params: unknown): FieldError[] => {
  const found: FieldError[] = [];
  collect(params, '', found);
  return found;
};
