import type { ParsedParamsOf } from '../../../shared/contracts/contract.ts';
import { DEFAULT_NOTIFICATIONS, type Preferences, type profile } from '../../../shared/contracts/profile.ts';

export type PreferencesChange = ParsedParamsOf<typeof profile.actions.savePreferences>;

/** What somebody has who has chosen nothing yet. */
export const DEFAULT_PREFERENCES: Preferences = {
  theme: 'system',
  language: 'system',
  notifications: DEFAULT_NOTIFICATIONS,
  version: 0,
};

/** What is not named stays, also where it is named as undefined. */
const over = <T extends object>(present: T, change: { [K in keyof T]?: T[K] | undefined }): T => {
  const named = Object.entries(change).filter(([, value]) => value !== undefined);
  return { ...present, ...Object.fromEntries(named) };
};

const isSame = (one: Preferences, other: Preferences): boolean =>
  one.theme === other.theme &&
  one.language === other.language &&
  one.notifications.paymentsReceived === other.notifications.paymentsReceived &&
  one.notifications.paymentsSent === other.notifications.paymentsSent &&
  one.notifications.signIns === other.notifications.signIns;

/** The preferences after a change, one version on; null where it changes nothing. */
export const merged = (present: Preferences, change: PreferencesChange): Preferences | null => {
  const { theme, language, notifications = {} } = change;
  const next = {
    ...over(present, { theme, language }),
    notifications: over(present.notifications, notifications),
  };
  return isSame(present, next) ? null : { ...next, version: present.version + 1 };
};
