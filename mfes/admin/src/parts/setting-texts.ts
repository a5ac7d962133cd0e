import type { SettingKey, SettingValue } from '../../../../shared/contracts/admin/settings.ts';
import { CURRENCIES, CURRENCY_RULES, type Currency } from '../../../../shared/contracts/currencies.ts';
import { formatMoney } from '../../../../shared/contracts/money.ts';

/** A change of a setting; of older entries and other services it is only known to be JSON. */
export type AskedChange = { key: SettingKey; before: unknown; after: unknown };

/** What each setting is called. */
export const SETTING_TITLES: Record<SettingKey, string> = {
  paymentsStopped: 'New payments',
  signUpsStopped: 'Sign-ups',
  largestAmounts: 'Largest amounts',
};

const isKey = (key: unknown): key is SettingKey => typeof key === 'string' && key in SETTING_TITLES;

type Verbs = readonly [stop: string, start: string];
/** Verbs of a stop as they are asked for, and as they were done. */
const ASKED: Record<Exclude<SettingKey, 'largestAmounts'>, Verbs> = {
  paymentsStopped: ['stop new payments', 'start new payments again'],
  signUpsStopped: ['close sign-ups', 'open sign-ups again'],
};
const DONE: Record<Exclude<SettingKey, 'largestAmounts'>, Verbs> = {
  paymentsStopped: ['stopped new payments', 'started new payments again'],
  signUpsStopped: ['closed sign-ups', 'opened sign-ups again'],
};

const amountIn = (value: unknown, currency: Currency): number | undefined => {
  const amount = (value as Partial<Record<string, unknown>> | null)?.[currency];
  return typeof amount === 'number' ? amount : undefined;
};

/** Where two sets of largest amounts differ; without one, that of the currency itself is in force. */
export const amountDifferences = (
  before: unknown,
  after: unknown,
): { currency: Currency; before: number; after: number }[] =>
  CURRENCIES.flatMap((currency) => {
    const { maxMinor } = CURRENCY_RULES[currency];
    const [was, is] = [before, after].map((value) => amountIn(value, currency) ?? maxMinor);
    return was === is || was === undefined || is === undefined ? [] : [{ currency, before: was, after: is }];
  });

/** `EUR from €500.00 to €1,000.00`, for each currency that differs. */
const amountsText = (before: unknown, after: unknown, locale: string): string =>
  amountDifferences(before, after)
    .map(({ currency, before: was, after: is }) => {
      const [from, to] = [was, is].map((amountMinor) => formatMoney({ amountMinor, currency }, locale));
      return `${currency} from ${from} to ${to}`;
    })
    .join(', ');

const changeText = (
  { key, before, after }: AskedChange,
  locale: string,
  stops: typeof ASKED,
  verb: 'change' | 'changed',
): string => {
  if (key !== 'largestAmounts') return stops[key][after === true ? 0 : 1];
  const amounts = amountsText(before, after, locale);
  return `${verb} the largest amounts${amounts === '' ? '' : `: ${amounts}`}`;
};

/** What is asked for, such as `stop new payments`. */
export const askedText = (change: AskedChange, locale: string): string =>
  changeText(change, locale, ASKED, 'change');

/** What was done, such as `stopped new payments`. */
export const doneText = (change: AskedChange, locale: string): string =>
  changeText(change, locale, DONE, 'changed');

/** A value in a sentence about what is in force. */
export const valueText = (key: SettingKey, value: SettingValue, locale: string): string => {
  if (typeof value === 'boolean') {
    if (key === 'signUpsStopped') return value ? 'Sign-ups are closed.' : 'Sign-ups are open.';
    return value ? 'New payments are stopped.' : 'New payments are on.';
  }
  const amounts = CURRENCIES.flatMap((currency) => {
    const amountMinor = amountIn(value, currency);
    return amountMinor === undefined ? [] : [formatMoney({ amountMinor, currency }, locale)];
  });
  return amounts.length === 0 ? 'No largest amounts are set.' : `Set are ${amounts.join(', ')}.`;
};

/** A change as an entry of the audit log has it; null where it has none. */
export const changeIn = (before: unknown, after: unknown): AskedChange | null => {
  const { key, value, before: own } = (after ?? {}) as Record<string, unknown>;
  if (!isKey(key)) return null;
  return { key, before: own ?? (before as Record<string, unknown> | null)?.['value'], after: value };
};
