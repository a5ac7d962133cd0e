import type { PreferencesChange } from '../../../../shared/client/host.ts';
import type { Preferences } from '../../../../shared/contracts/profile.ts';

const merged = (preferences: Preferences, { notifications, ...rest }: PreferencesChange): Preferences => {
  const named = Object.entries(rest).filter(([, value]) => value !== undefined);
  const kinds = Object.entries(notifications ?? {}).filter(([, value]) => value !== undefined);
  return {
    ...preferences,
    ...Object.fromEntries(named),
    notifications: { ...preferences.notifications, ...Object.fromEntries(kinds) },
  };
};

/**
 * Preferences as the server has them, and what is on its way there: what is shown is both together, and what
 * fails is taken back alone.
 */
export const createChanges = (start: Preferences) => {
  let confirmed = start;
  let underWay: PreferencesChange[] = [];
  return {
    shown: (): Preferences => underWay.reduce(merged, confirmed),
    /** Preferences from the server; an older version is ignored. */
    confirm: (confirmedNow: Preferences): void => {
      if (confirmedNow.version >= confirmed.version) confirmed = confirmedNow;
    },
    /** Starts again for another user, whatever the versions are. */
    reset: (to: Preferences): void => {
      confirmed = to;
      underWay = [];
    },
    begin: (change: PreferencesChange): void => {
      underWay = [...underWay, change];
    },
    end: (change: PreferencesChange): void => {
      underWay = underWay.filter((one) => one !== change);
    },
  };
};
