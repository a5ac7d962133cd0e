import type { Measuring } from '../../../../shared/contracts/profile.ts';
import { isRefusedByBrowser } from '../../../../shared/telemetry/refused.ts';
import { preferences, savePreferences } from '../preferences/preferences.svelte.ts';
import { session } from '../session/session.svelte.ts';
import { recall, remember } from '../session/storage.ts';

/** The choice made in this browser; it counts for visitors, and for users who have not chosen. */
const KEY = 'payloom-analytics';

const choiceOf = (stored: string | null): Measuring =>
  stored === 'granted' || stored === 'denied' ? stored : 'unset';

let here = $state(choiceOf(recall(KEY)));

/** What the user has chosen for all devices; null as long as it is not known, or without a user. */
export const choiceOfUser = (): Measuring | null =>
  session.user !== null && preferences.isRead ? preferences.current.analytics : null;

/** What counts here and now; null as long as it is not known. */
export const measuringChoice = (): Measuring | null => {
  if (isRefusedByBrowser()) return 'denied';
  if (session.phase !== 'ready') return null;
  if (session.user === null) return here;
  const ofUser = choiceOfUser();
  return ofUser === 'unset' ? here : ofUser;
};

/** Keeps a choice in this browser, where it also counts for others: never that a user has agreed. */
export const keepChoice = (choice: 'granted' | 'denied'): void => {
  here = choice;
  remember(KEY, choice);
};

/** A choice of the note; that of a user also counts on other devices. */
export const chooseMeasuring = async (choice: 'granted' | 'denied'): Promise<void> => {
  if (session.user === null || choice === 'denied') keepChoice(choice);
  if (session.user !== null) await savePreferences({ analytics: choice });
};
