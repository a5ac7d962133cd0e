import type { ParsedParamsOf } from '../../../shared/contracts/contract.ts';
import {
  PERSONAL_FIELDS,
  type Details,
  type PersonalData,
} from '../../../shared/contracts/profile/details.ts';
import type { profile } from '../../../shared/contracts/profile.ts';

export type DetailsChange = Omit<ParsedParamsOf<typeof profile.actions.saveDetails>, 'version'>;

/** The personal data of a user who has given none. */
export const NO_DETAILS: Details = {
  phone: null,
  addressLine1: null,
  addressLine2: null,
  postalCode: null,
  city: null,
  country: null,
  biography: null,
  version: 0,
};

/** What a change leads to, with the next version, and the fields it changes; null when it changes none. */
export const changedDetails = (
  current: Details,
  change: DetailsChange,
): { next: Details; fields: (keyof PersonalData)[] } | null => {
  const fields = PERSONAL_FIELDS.filter(
    (name) => change[name] !== undefined && change[name] !== current[name],
  );
  if (fields.length === 0) return null;
  const values = Object.fromEntries(fields.map((name) => [name, change[name]]));
  return { next: { ...current, ...values, version: current.version + 1 }, fields };
};
