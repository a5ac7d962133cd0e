import { SETTING_KEYS, type SettingKey } from '../../shared/contracts/admin/settings.ts';
import { CURRENCIES, type Currency } from '../../shared/contracts/currencies.ts';
import { UsageError } from '../events/system.ts';
import type { MappingOptions } from './mapping/table-mapping.ts';

/** For `parseArgs`: each option of the mapping. */
export const MAPPING_OPTIONS = {
  open: { type: 'string' },
  'equal-emails': { type: 'string' },
  fractions: { type: 'string' },
  negative: { type: 'string' },
  'no-recipient': { type: 'string' },
  future: { type: 'string' },
  long: { type: 'string' },
  unusable: { type: 'string' },
  config: { type: 'string' },
  'config-value': { type: 'string', multiple: true },
  currency: { type: 'string', multiple: true },
  'rename-currency': { type: 'string', multiple: true },
  setting: { type: 'string', multiple: true },
} as const;

export const MAPPING_HELP = `Without its option, a row that needs one is refused:
  --open cancel|keep           payments that are pending or processing; keep needs their PaymentIntent (pi_…)
  --equal-emails suffix        users whose e-mail address an older one has: a suffix before the @
  --fractions round            amounts with parts of a minor unit: half away from zero
  --negative swap              negative amounts: payer and payee are exchanged
  --no-recipient deleted-user  payments without recipient: their payee is a closed account
  --future keep                times in the future
  --long cut                   descriptions and biographies that are too long
  --unusable drop              fields of profiles that cannot be kept, such as addresses of avatars
  --config audit               rows of system_config that are no setting: entries of the audit log
                               without their values, which may be secrets
  --config-value KEY           the value goes there too; repeatable
  --currency OLD=NEW           an unknown currency; repeatable
  --rename-currency OLD=NEW    one that is known: its amounts are taken for those of another; repeatable
  --setting KEY=SETTING        a row of system_config that is a setting here; repeatable`;

type Values = Readonly<Partial<Record<keyof typeof MAPPING_OPTIONS, string | string[] | undefined>>>;

const oneOf = <T extends string>(values: Values, name: keyof Values, choices: readonly T[]): T | null => {
  const given = values[name];
  if (given === undefined) return null;
  const found = choices.find((one) => one === given);
  if (found === undefined) throw new UsageError(`--${name} takes ${choices.join(' or ')}.`);
  return found;
};

const pairsOf = <T extends string>(
  values: Values,
  name: 'currency' | 'rename-currency' | 'setting',
  choices: readonly T[],
): Readonly<Record<string, T>> => {
  const pairs = ((values[name] ?? []) as string[]).map((text): [string, T] => {
    const at = text.lastIndexOf('=');
    const found = choices.find((one) => one === text.slice(at + 1));
    if (at < 1 || found === undefined)
      throw new UsageError(
        `--${name} ${text} is not of the form OLD=NEW, with NEW of ${choices.join(', ')}.`,
      );
    return [text.slice(0, at), found];
  });
  const twice = pairs.find(([old], index) => pairs.some(([other], at) => at > index && other === old));
  if (twice) throw new UsageError(`--${name} is given twice for ${twice[0]}.`);
  return Object.fromEntries(pairs);
};

const isKnown = (text: string): boolean => CURRENCIES.some((one) => one === text.trim().toUpperCase());

const currenciesOf = (values: Values): Readonly<Record<string, Currency>> => {
  const unknown = pairsOf<Currency>(values, 'currency', CURRENCIES);
  const renamed = pairsOf<Currency>(values, 'rename-currency', CURRENCIES);
  const known = Object.keys(unknown).find(isKnown);
  if (known !== undefined)
    throw new UsageError(`--currency ${known}: this is a currency here; --rename-currency would rename it.`);
  const other = Object.keys(renamed).find((one) => !isKnown(one));
  if (other !== undefined)
    throw new UsageError(`--rename-currency ${other}: this is no currency here; --currency maps it.`);
  return { ...unknown, ...renamed };
};

/** @throws UsageError for a value that an option does not take */
export const readMappingOptions = (values: Values): MappingOptions => {
  const settings = pairsOf<SettingKey>(values, 'setting', SETTING_KEYS);
  if (new Set(Object.values(settings)).size !== Object.keys(settings).length)
    throw new UsageError('Two rows of system_config cannot be the same setting.');
  return {
    open: oneOf(values, 'open', ['cancel', 'keep']),
    equalEmails: oneOf(values, 'equal-emails', ['suffix']),
    fractions: oneOf(values, 'fractions', ['round']),
    negative: oneOf(values, 'negative', ['swap']),
    noRecipient: oneOf(values, 'no-recipient', ['deleted-user']),
    future: oneOf(values, 'future', ['keep']),
    long: oneOf(values, 'long', ['cut']),
    unusable: oneOf(values, 'unusable', ['drop']),
    config: oneOf(values, 'config', ['audit']),
    configValues: [...new Set(values['config-value'] ?? [])].sort(),
    currencies: currenciesOf(values),
    settings,
  };
};
