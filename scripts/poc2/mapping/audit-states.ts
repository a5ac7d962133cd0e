import { CURRENCIES, type Currency } from '../../../shared/contracts/currencies.ts';
import { numberText, parseExactly } from '../../../shared/contracts/exact-json.ts';
import { withoutSecrets } from '../../../shared/contracts/without-secrets.ts';
import { toMinor } from './amounts.ts';

type State = Record<string, unknown>;

const CODES: ReadonlySet<unknown> = new Set(CURRENCIES);
/** `oldRole`, `previous_role` and `roleBefore` say what `role` was; `newRole` what it became. */
const BEFORE = /^(?:old|previous|prev)_?([A-Za-z]\w*)$|^(\w+?)_?Before$/;
const AFTER = /^new_?([A-Z]\w*)$/;

const nameOf = (pattern: RegExp, key: string): string | null => {
  const [, first, second] = pattern.exec(key) ?? [];
  const name = first ?? second;
  return name === undefined ? null : name.charAt(0).toLowerCase() + name.slice(1);
};

/** An exact amount in minor units beside the text of the source. */
const minorOf = ({ amount, currency }: State): State => {
  const text = typeof amount === 'string' ? amount : numberText(amount);
  if (!CODES.has(currency) || text === null) return {};
  const converted = toMinor(text, currency as Currency, false);
  return 'minor' in converted ? { amountMinor: converted.minor } : {};
};

const textOf = (state: State): string | null =>
  Object.keys(state).length === 0 ? null : JSON.stringify(withoutSecrets(state));

export type States = { before: string | null; after: string | null; reason: string | null };

/** What an entry's details say of the state before and after, as JSON without secrets, and the reason. */
export const statesOf = (details: string | null): States => {
  const given: unknown = details === null ? null : parseExactly(details);
  if (given === null) return { before: null, after: null, reason: null };
  const isObject = typeof given === 'object' && !Array.isArray(given);
  const { reason, ...others }: State = isObject ? (given as State) : { value: given };
  const before: State = {};
  const after: State = {};
  for (const [key, value] of Object.entries(others)) {
    const former = nameOf(BEFORE, key);
    if (former !== null) before[former] = value;
    else after[nameOf(AFTER, key) ?? key] = value;
  }
  const isText = typeof reason === 'string' && reason !== '';
  if (reason !== undefined && reason !== null && !isText) after['reason'] = reason;
  return {
    before: textOf(before),
    after: textOf({ ...after, ...minorOf(after) }),
    reason: isText ? String(withoutSecrets(reason)) : null,
  };
};
