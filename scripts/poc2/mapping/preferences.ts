import { CURRENCIES } from '../../../shared/contracts/currencies.ts';
import { DEFAULT_NOTIFICATIONS, LANGUAGES, THEMES } from '../../../shared/contracts/profile.ts';
import { isTimeZone } from '../../../shared/contracts/time-zones.ts';
import type { Notes } from './notes.ts';
import type { Value } from './table-mapping.ts';

/** Reports a value that cannot be kept. */
export type Unusable = (kind: string, detail: string) => void;

type Given = Readonly<Record<string, unknown>>;

const KNOWN: ReadonlySet<string> = new Set([
  ...['theme', 'language', 'currency', 'timezone', 'timeZone', 'time_zone', 'notifications'],
]);

const themeOf = (given: unknown, unusable: Unusable): string => {
  if (given === undefined || given === null) return 'system';
  const theme = THEMES.find((one) => one === String(given).toLowerCase());
  if (theme === undefined) unusable('theme_unknown', 'the theme is none of light, dark and system');
  return theme ?? 'system';
};

/** Dates and amounts of America where only English is known: the source's own currency is that of America. */
const ENGLISH = 'en-US';

/** The language as given, or the one that we have for it: `de` and `de_AT` become `de-DE`. */
const languageOf = (given: unknown, unusable: Unusable, notes: Notes): string => {
  if (given === undefined || given === null) return 'system';
  const tag = String(given).replace('_', '-');
  const same = LANGUAGES.find((one) => one.toLowerCase() === tag.toLowerCase());
  if (same !== undefined) return same;
  const short = tag.split('-')[0]?.toLowerCase() ?? '';
  const near = short === 'en' ? ENGLISH : LANGUAGES.find((one) => one.startsWith(`${short}-`));
  if (near !== undefined) notes.mapped('language_near', `a language becomes ${near}`);
  else unusable('language_unknown', 'the language is none that we have');
  return near ?? 'system';
};

const currencyOf = (given: unknown, unusable: Unusable): string | null => {
  if (given === undefined || given === null) return null;
  const code = CURRENCIES.find((one) => one === String(given).toUpperCase());
  if (code === undefined) unusable('preferred_currency_unknown', 'the currency is none that we have');
  return code ?? null;
};

/** Looking a name up costs more than the rest of a row. */
const knownZones = new Set<string>();

const timeZoneOf = (given: unknown, unusable: Unusable): string => {
  if (given === undefined || given === null) return 'system';
  if (typeof given === 'string' && (knownZones.has(given) || isTimeZone(given))) {
    knownZones.add(given);
    return given;
  }
  unusable('time_zone_unknown', 'the time zone is none of IANA');
  return 'system';
};

const CHANNELS = ['email', 'push', 'sms'];

/** Whether there are any notifications: we have no channels to choose from. */
const notifiedOf = (given: unknown, unusable: Unusable, notes: Notes): boolean => {
  if (given === undefined || given === null) return DEFAULT_NOTIFICATIONS.paymentsReceived;
  if (typeof given === 'boolean') {
    notes.mapped('notifications_boolean', `are ${given} for all channels`);
    return given;
  }
  const channels = typeof given === 'object' && !Array.isArray(given) ? Object.entries(given) : null;
  const isChannels = channels?.every(([name, on]) => CHANNELS.includes(name) && typeof on === 'boolean');
  if (channels === null || !isChannels) {
    unusable('notifications_unknown', 'notifications are neither a boolean nor {email, push, sms}');
    return DEFAULT_NOTIFICATIONS.paymentsReceived;
  }
  if (channels.length === 0) return DEFAULT_NOTIFICATIONS.paymentsReceived;
  const isOn = channels.some(([, on]) => on === true);
  if (isOn && channels.some(([, on]) => on === false))
    notes.mapped('notifications_channels', 'differ by channel, and are switched on');
  return isOn;
};

/** Columns of a user's preferences; null where none were chosen. */
export const preferencesOf = (
  json: string | null,
  unusable: Unusable,
  notes: Notes,
): Record<string, Value> | null => {
  const value: unknown = json === null ? null : JSON.parse(json);
  if (value === null) return null;
  if (typeof value !== 'object' || Array.isArray(value)) {
    unusable('preferences_shape', 'the preferences are no object');
    return null;
  }
  const given = value as Given;
  if (Object.keys(given).length === 0) return null;
  if (Object.keys(given).some((name) => !KNOWN.has(name)))
    unusable('preference_unknown', 'there are preferences that we do not have');
  const isOn = notifiedOf(given['notifications'], unusable, notes);
  return {
    theme: themeOf(given['theme'], unusable),
    language: languageOf(given['language'], unusable, notes),
    time_zone: timeZoneOf(given['timezone'] ?? given['timeZone'] ?? given['time_zone'], unusable),
    currency: currencyOf(given['currency'], unusable),
    notify_payments_received: isOn,
    notify_payments_sent: isOn,
    notify_sign_ins: isOn,
    analytics: 'unset',
  };
};
