import { onMessageOf } from '../../../../shared/client/on-message.ts';
import type { PreferencesChange } from '../../../../shared/client/host.ts';
import { DEFAULT_NOTIFICATIONS, LANGUAGES, profile } from '../../../../shared/contracts/profile.ts';
import type { Language, Preferences } from '../../../../shared/contracts/profile.ts';
import { realtime } from '../../../../shared/contracts/realtime.ts';
import { setReaderZone } from '../../../../shared/ui/reader-zone.ts';
import { theme } from '../../../../shared/ui/theme.svelte.ts';
import { createChanges } from './pending-changes.ts';
import { onMessage, onStale } from '../live/live.svelte.ts';
import { client, session, sessionChanged } from '../session/session.svelte.ts';
import { createSignal } from '../session/signal.ts';
import { recall, remember } from '../session/storage.ts';

const LANGUAGE_KEY = 'payloom-language';
const TIME_ZONE_KEY = 'payloom-time-zone';
const otherTabs = new BroadcastChannel('payloom-preferences');
type Word = { userId: string; shown: Preferences };

const languageOf = (stored: string | null): Language => LANGUAGES.find((one) => one === stored) ?? 'system';

/** The browser's stored preferences, until the server has answered. */
const remembered = (): Preferences => ({
  theme: theme.current,
  language: languageOf(recall(LANGUAGE_KEY)),
  timeZone: recall(TIME_ZONE_KEY) ?? 'system',
  currency: null,
  notifications: DEFAULT_NOTIFICATIONS,
  analytics: 'unset',
  version: 0,
});

const changes = createChanges(remembered());
let current = $state.raw(changes.shown());
setReaderZone(current.timeZone);
/** Whose preferences the server has sent. */
let readFor = $state<string>();
export const preferencesChanged = createSignal();

export const preferences = {
  get current(): Preferences {
    return current;
  },
  /** Whether they are those of the user who is signed in now. */
  get isRead(): boolean {
    return readFor !== undefined && readFor === session.user?.id;
  },
  /** How dates, times and amounts are written. */
  get locale(): string {
    return current.language === 'system' ? navigator.language : current.language;
  },
};

const show = (): void => {
  const next = changes.shown();
  if (JSON.stringify(next) === JSON.stringify(current)) return;
  current = next;
  if (theme.current !== next.theme) theme.current = next.theme;
  remember(LANGUAGE_KEY, next.language);
  remember(TIME_ZONE_KEY, next.timeZone);
  setReaderZone(next.timeZone);
  preferencesChanged.notify();
};

/** Without stored preferences the browser's are kept. */
const take = (received: Preferences): void => {
  changes.confirm(
    received.version > 0 ? received : { ...remembered(), notifications: received.notifications },
  );
  show();
};

const read = async (): Promise<void> => {
  const userId = session.user?.id;
  if (userId === undefined) return;
  try {
    const received = await client.call(profile.actions.preferences, {});
    if (session.user?.id !== userId) return;
    readFor = userId;
    take(received);
  } catch {
    // The stored preferences stay in use; they are read again when messages arrive.
  }
};

let lastSave: Promise<unknown> = Promise.resolve();

/** Shows a change in all tabs and saves it, one at a time; a change that cannot be saved is undone. */
export const savePreferences = async (change: PreferencesChange): Promise<void> => {
  const userId = session.user?.id;
  /** A change of an earlier user is neither saved nor shown for the next one. */
  const isCurrent = (): boolean => session.user?.id === userId;
  const share = (): void => {
    show();
    if (userId !== undefined && isCurrent()) otherTabs.postMessage({ userId, shown: current } satisfies Word);
  };
  changes.begin(change);
  share();
  const turn = lastSave.then(() =>
    isCurrent() ? client.call(profile.actions.savePreferences, change) : undefined,
  );
  lastSave = turn.catch(() => {});
  try {
    const saved = await turn;
    if (saved && isCurrent()) changes.confirm(saved);
  } finally {
    changes.end(change);
    share();
  }
};

/** Keeps the user's preferences current, also when another tab or device changes them. */
export const subscribePreferences = (): (() => void) => {
  const begin = (): void => {
    if (session.user?.id === readFor) return;
    readFor = undefined;
    changes.reset(remembered());
    show();
  };
  otherTabs.onmessage = ({ data }: MessageEvent<Word>) => {
    if (data.userId !== session.user?.id) return;
    changes.confirm(data.shown);
    show();
  };
  const stops = [
    sessionChanged.on(begin),
    onStale(() => void read()),
    onMessageOf({ on: onMessage }, realtime.messages.preferencesChanged, take),
  ];
  return () => {
    otherTabs.onmessage = null;
    stops.forEach((stop) => stop());
  };
};
