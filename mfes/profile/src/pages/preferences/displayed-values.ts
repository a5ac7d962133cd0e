import type { PreferencesChange } from '../../../../../shared/client/host.ts';
import type { Preferences } from '../../../../../shared/contracts/profile.ts';

const over = (present: Preferences, { notifications, ...change }: PreferencesChange): Preferences => ({
  ...present,
  ...(change as Partial<Preferences>),
  notifications: { ...present.notifications, ...(notifications as Partial<Preferences['notifications']>) },
});

/**
 * The shell's preferences where they are newer. Without stored preferences the server returns defaults with
 * version 0, which the user has not chosen.
 */
export const whatIsShown = (
  shell: Preferences,
  read: Preferences | null,
  underWay: readonly PreferencesChange[],
): Preferences | null => {
  if (read === null && shell.version === 0) return null;
  const present = read !== null && read.version > shell.version ? read : shell;
  return underWay.reduce(over, present);
};
