import { holdsCardNumber } from './card-numbers.ts';

const SECRET_NAME = /password|secret|token|hash|cookie|authorization|privatekey|signature/i;
const REMOVED = '[removed]';

/** The value with a mark in place of what its name or form shows to be secret, at any depth. */
export const withoutSecrets = (value: unknown): unknown => {
  if (typeof value === 'string') return holdsCardNumber(value) ? REMOVED : value;
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name,
      SECRET_NAME.test(name) && typeof one !== 'boolean' ? REMOVED : withoutSecrets(one),
    ]),
  );
};
