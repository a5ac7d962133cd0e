import { COUNTRIES } from '../../../../../shared/contracts/countries.ts';

/** The countries by their English names, in the order of these. */
export const countryOptions = (): { value: string; label: string }[] => {
  const names = new Intl.DisplayNames(['en'], { type: 'region' });
  return COUNTRIES.map((value) => ({ value, label: names.of(value) ?? value })).toSorted((one, other) =>
    one.label.localeCompare(other.label, 'en'),
  );
};
