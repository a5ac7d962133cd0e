import { holdsCardNumber } from './card-numbers.ts';
import { numberText } from './exact-json.ts';

/** Of a name without what separates its words. */
const SECRET_NAME =
  /passw(or)?d|passphrase|passcode|secret|token|hash|cookie|authorization|credential|signature|bearer/;
const SECRET_KEY = /(?:api|private|access|signing|encryption|master|license|account|service|ssh)key/;
/** Words that say so only as a whole: `smtp_pass`, and not `passenger`. */
const SECRET_WORDS: ReadonlySet<string> = new Set([
  ...['pass', 'pwd', 'pw', 'pin', 'otp', 'totp', 'cvv', 'cvc', 'dsn', 'jwt', 'pem', 'salt'],
]);
/** A login within an address, a key as a file has it, a token of an Authorization header, a JWT. */
const SECRET_TEXTS = [
  ...[/[a-z]:\/\/[^\s/@]*:[^\s/@]+@/i, /-----BEGIN /],
  // Long, and with what no word has: "Basic Materials GmbH" is a name.
  ...[/\b(?:Bearer|Basic) (?=[\w.~+/=-]*[\d=+/])[\w.~+/=-]{16}/, /\beyJ[\w-]+\.[\w-]+\./],
  ...[/\bsk_(?:live|test)_/],
];
/** In the place of what is secret. */
export const REMOVED = '[removed]';

/** Whether the name says that its value is secret. */
const isSecretName = (name: string): boolean => {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  const joined = words.join('');
  return SECRET_NAME.test(joined) || SECRET_KEY.test(joined) || words.some((word) => SECRET_WORDS.has(word));
};

const isSecretText = (text: string): boolean =>
  holdsCardNumber(text) || SECRET_TEXTS.some((form) => form.test(text));

/** The value with a mark in place of what its name or form shows to be secret, at any depth. */
export const withoutSecrets = (value: unknown): unknown => {
  if (typeof value === 'string') return isSecretText(value) ? REMOVED : value;
  if (Array.isArray(value)) return value.map(withoutSecrets);
  const number = numberText(value);
  if (number !== null) return holdsCardNumber(number) ? REMOVED : value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name,
      isSecretName(name) && typeof one !== 'boolean' ? REMOVED : withoutSecrets(one),
    ]),
  );
};
