import type { Details } from '../../../../../shared/contracts/profile/details.ts';

/** What the form holds, as it is typed; '' is what is not given. */
export type Values = Record<keyof Omit<Details, 'version'> | 'name', string>;

export const valuesOf = (name: string, { version: _version, ...given }: Details): Values => {
  const texts = Object.entries(given).map(([field, value]) => [field, value ?? '']);
  return { name, ...Object.fromEntries(texts) } as Values;
};

/** What was typed, over what is stored by now: fields that were left alone take what is stored. */
export const rebased = (typed: Values, before: Values, stored: Values): Values => {
  const kept = Object.entries(typed).filter(([field, text]) => text !== before[field as keyof Values]);
  return { ...stored, ...Object.fromEntries(kept) };
};

/** The fields whose text differs, each with what is to be stored; a field left empty is cleared. */
export const changeOf = (typed: Values, before: Values): Partial<Record<keyof Values, string | null>> =>
  Object.fromEntries(
    Object.entries(typed)
      .filter(([field, text]) => text.trim() !== before[field as keyof Values])
      .map(([field, text]) => [field, text.trim() === '' ? null : text]),
  );
