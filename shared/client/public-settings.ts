import { admin } from '../contracts/admin/admin.ts';
import type { PublicSettings } from '../contracts/admin/settings.ts';
import { realtime } from '../contracts/realtime.ts';
import type { Host } from './host.ts';
import { onMessageOf, REREAD } from './on-message.ts';

/** Without the socket, and for visitors, who have none. */
const ASK_EVERY_MS = 15_000;

export type SettingsWatch = {
  /** Reads at once, as after a refusal that shows that they have changed. */
  read(): void;
  stop(): void;
};

/**
 * Reads what is stopped and limited at the moment, and again after each change; calls the listener with each
 * answer. A read that fails changes nothing: the server refuses what it does not allow.
 */
export const watchPublicSettings = (
  { client, live, on }: Pick<Host, 'client' | 'live' | 'on'>,
  listener: (settings: PublicSettings) => void,
): SettingsWatch => {
  const watched = new AbortController();
  let newest = 0;
  const read = (): void => {
    const own = ++newest;
    client.call(admin.actions.publicSettings, {}, { signal: watched.signal }).then(
      (settings) => {
        if (own === newest && !watched.signal.aborted) listener(settings);
      },
      () => {},
    );
  };
  const timer = setInterval(() => {
    if (live.state() !== 'connected' && !document.hidden) read();
  }, ASK_EVERY_MS);
  const stops = [
    onMessageOf(live, realtime.messages.settingsChanged, read),
    live.on(REREAD, read),
    // A notice is not kept for a socket that was away.
    on('live', () => {
      if (live.state() === 'connected') read();
    }),
    () => clearInterval(timer),
    () => watched.abort(),
  ];
  read();
  return { read, stop: () => stops.forEach((stop) => stop()) };
};
