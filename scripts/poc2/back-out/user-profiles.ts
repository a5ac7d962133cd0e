import { DEFAULT_NOTIFICATIONS } from '../../../shared/contracts/profile.ts';
import { idOf, uuidIn } from '../mapping/ids.ts';
import { insert, mappedIn, update, type Cells, type Was, type Write } from './writes.ts';

type DetailsNow = Record<
  'phone' | 'address_line1' | 'address_line2' | 'postal_code' | 'city' | 'country' | 'biography',
  string | null
> & { updated_at: string };

type PreferencesNow = {
  theme: string;
  language: string;
  time_zone: string;
  currency: string | null;
  notify_payments_received: boolean;
  notify_payments_sent: boolean;
  notify_sign_ins: boolean;
  updated_at: string;
};

/** What profile has of a user. */
export type ProfileNow = {
  /** Of the user, in POC-2. */
  old_id: string;
  details: DetailsNow | null;
  preferences: PreferencesNow | null;
};

/** The lines of an address, of which POC-2 has one text. */
const linesOf = (details: Readonly<Record<string, unknown>> | null): string[] => {
  const { address_line1: first, address_line2: second, postal_code: code, city, country } = details ?? {};
  const place = [code, city].filter(Boolean).join(' ');
  return [first, second, place, country].filter(Boolean).map(String);
};

/** An address as it is compared: where its lines end is not kept. */
export const comparedAddress = (details: Readonly<Record<string, unknown>> | null): string =>
  linesOf(details).join(', ');

const detailsOf = (now: DetailsNow | null, was: Was | null): Cells => {
  const mapped = mappedIn(was, 'details');
  const differs = (column: 'phone' | 'biography') => (mapped?.[column] ?? null) !== (now?.[column] ?? null);
  return {
    ...(differs('phone') && { phone: now?.phone ?? null }),
    ...(comparedAddress(mapped) !== comparedAddress(now) && { address: linesOf(now).join('\n') || null }),
    ...(differs('biography') && { bio: now?.biography ?? null }),
  };
};

/** What a user has who has never chosen. */
const { paymentsReceived: IS_ON } = DEFAULT_NOTIFICATIONS;
const NONE = { theme: 'system', language: 'system', time_zone: 'system', currency: null };
const ZONES = ['timezone', 'timeZone', 'time_zone'];

/** Whether there are any notifications, which is what POC-2's channels and ours have in common. */
export const isAnyOn = (one: Readonly<Record<string, unknown>> | null): boolean =>
  one === null
    ? IS_ON
    : ['notify_payments_received', 'notify_payments_sent', 'notify_sign_ins'].some(
        (name) => one[name] === true,
      );

const objectOf = (json: string | null): Record<string, unknown> => {
  const value: unknown = json === null ? null : JSON.parse(json);
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
};

/**
 * Preferences as POC-2 has them. What Payloom does not know, and what is as it was, stays; no choice of ours
 * is no entry there.
 * @returns null where nothing has changed
 */
const preferencesOf = (now: PreferencesNow, was: Was | null): string | null => {
  const mapped = mappedIn(was, 'preferences');
  const before = { ...NONE, ...mapped };
  const given = objectOf(was?.row['preferences'] ?? null);
  const set: Record<string, unknown> = {};
  if (before.theme !== now.theme) set['theme'] = now.theme;
  if (before.language !== now.language)
    set['language'] = now.language === 'system' ? undefined : now.language;
  if (before.currency !== now.currency) set['currency'] = now.currency ?? undefined;
  const zone = ZONES.find((name) => name in given) ?? 'timezone';
  if (before.time_zone !== now.time_zone) set[zone] = now.time_zone === 'system' ? undefined : now.time_zone;
  const isOn = isAnyOn(now);
  if (isAnyOn(mapped) !== isOn) set['notifications'] = { email: isOn, push: false, sms: false };
  return Object.keys(set).length === 0 ? null : JSON.stringify({ ...given, ...set });
};

/** What becomes of a user's profile in POC-2. */
export const profileBack = (now: ProfileNow, was: Was | null): Write[] => {
  const { old_id: userId, details, preferences } = now;
  const changed = preferences === null ? null : preferencesOf(preferences, was);
  const values = {
    ...detailsOf(details, was),
    ...(changed !== null && { preferences: changed }),
  };
  if (Object.keys(values).length === 0) return [];
  const times = [details?.updated_at, preferences?.updated_at].filter((one) => one !== undefined);
  const at = times.toSorted().at(-1) ?? '';
  if (was !== null) return update('user_profiles', was.row['id'] ?? '', { ...values, updated_at: at });
  const id = uuidIn(idOf('user', { table: 'user_profiles', id: userId, part: 'profile' }, Date.parse(at)));
  return [insert('user_profiles', id, { user_id: userId, ...values, created_at: at, updated_at: at })];
};

/** The profile of a closed account goes. */
export const profileGone = (was: Was): Write => ({
  ...{ table: 'user_profiles', act: 'delete', id: was.row['id'] ?? '', values: {} },
});
