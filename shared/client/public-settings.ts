import { admin } from '../contracts/admin/admin.ts';
import type { PublicSettings } from '../contracts/admin/settings.ts';
import { realtime } from '../contracts/realtime.ts';
import type { Host } from './host.ts';
import { onMessageOf, REREAD } from './on-message.ts';

/** Without the socket, for visitors, who have none, and after a read that failed. */
const ASK_EVERY_MS = 15_000;
/** With the socket about every minute: a socket that is full gets no notice. */
const LIVE_TURNS = 4;
/** Messages that come together are answered by one read. */
const COLLECT_MS = 100;

export type SettingsWatch = {
  /** Reads at once, as after a refusal that shows that they have changed. */
  read(): void;
  stop(): void;
};

/**
 * Reads what is stopped and limited at the moment, and again after each change; calls the listener with each
 * answer. A read that fails changes nothing, and is made up: the server refuses what it does not allow.
 */
export const watchPublicSettings = (
  { client, live, on }: Pick<Host, 'client' | 'live' | 'on'>,
  listener: (settings: PublicSettings) => void,
  { askEveryMs = ASK_EVERY_MS, collectMs = COLLECT_MS } = {},
): SettingsWatch => {
  const watched = new AbortController();
  let newest = 0;
  let isStale = false;
  let turns = 0;
  let collecting: ReturnType<typeof setTimeout> | undefined;
  const read = (): void => {
    const own = ++newest;
    turns = 0;
    clearTimeout(collecting);
    collecting = undefined;
    client.call(admin.actions.publicSettings, {}, { signal: watched.signal }).then(
      (settings) => {
        if (own !== newest || watched.signal.aborted) return;
        isStale = false;
        listener(settings);
      },
      () => {
        if (own === newest) isStale = true;
      },
    );
  };
  const collect = (): void => {
    collecting ??= setTimeout(read, collectMs);
  };
  const timer = setInterval(() => {
    turns++;
    const isDue = isStale || live.state() !== 'connected' || turns >= LIVE_TURNS;
    if (isDue && !document.hidden) read();
  }, askEveryMs);
  const stops = [
    onMessageOf(live, realtime.messages.settingsChanged, collect),
    live.on(REREAD, collect),
    // A notice is not kept for a socket that was away.
    on('live', () => {
      if (live.state() === 'connected') collect();
    }),
    () => clearInterval(timer),
    () => clearTimeout(collecting),
    () => watched.abort(),
  ];
  read();
  return { read, stop: () => stops.forEach((stop) => stop()) };
};
