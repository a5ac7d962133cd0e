import type { PreferencesChange } from '../../../../../shared/client/host.ts';
import type { Preferences } from '../../../../../shared/contracts/profile.ts';

const over = (present: Preferences, { notifications, ...change }: PreferencesChange): Preferences => ({
  ...present,
  ...(change as Partial<Preferences>),
  notifications: { ...present.notifications, ...(notifications as Partial<Preferences['notifications']>) },
});

/**
 * Preferences as they are drawn: the newer of what the shell has and what was read here, and over it what is
 * on its way to the server. Null while neither knows: the shell begins with what the browser remembers, at
 * version 0, and that is not what somebody has chosen.
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
