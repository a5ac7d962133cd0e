import type { ParsedParamsOf } from '../../../shared/contracts/contract.ts';
import { DEFAULT_NOTIFICATIONS, type Preferences, type profile } from '../../../shared/contracts/profile.ts';

export type PreferencesChange = ParsedParamsOf<typeof profile.actions.savePreferences>;

/** The preferences of a user who has not changed any. */
export const DEFAULT_PREFERENCES: Preferences = {
  theme: 'system',
  language: 'system',
  timeZone: 'system',
  currency: null,
  notifications: DEFAULT_NOTIFICATIONS,
  analytics: 'unset',
  version: 0,
};

/** Replaces the fields that `change` has; undefined counts as absent. */
const withChange = <T extends object>(current: T, change: { [K in keyof T]?: T[K] | undefined }): T => {
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  return { ...current, ...Object.fromEntries(given) };
};

const isSame = (one: Preferences, other: Preferences): boolean =>
  one.theme === other.theme &&
  one.language === other.language &&
  one.timeZone === other.timeZone &&
  one.currency === other.currency &&
  one.analytics === other.analytics &&
  one.notifications.paymentsReceived === other.notifications.paymentsReceived &&
  one.notifications.paymentsSent === other.notifications.paymentsSent &&
  one.notifications.signIns === other.notifications.signIns;

/** The preferences after a change, with the next version; null when nothing changes. */
export const merged = (current: Preferences, change: PreferencesChange): Preferences | null => {
  const { notifications = {}, ...values } = change;
  const next = {
    ...withChange(current, values),
    notifications: withChange(current.notifications, notifications),
  };
  return isSame(current, next) ? null : { ...next, version: current.version + 1 };
};
