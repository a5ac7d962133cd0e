import type { Host } from '../../../../shared/client/host.ts';
import { onMessageOf, REREAD } from '../../../../shared/client/on-message.ts';
import { realtime } from '../../../../shared/contracts/realtime.ts';

/** A busy system changes all the time: nobody reads figures faster than this. */
const AT_MOST_EVERY_MS = 1_000;
/** Without the socket the page asks by itself. */
const WITHOUT_SOCKET_MS = 5_000;

/**
 * Calls the listener when the system has changed, at once and then at most once a second; while there is no
 * socket every five seconds. Returns the function that stops it.
 */
export const watchSystem = ({ live }: Pick<Host, 'live'>, listener: () => void): (() => void) => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lastMs = 0;
  const report = (): void => {
    timer = undefined;
    lastMs = performance.now();
    listener();
  };
  const changed = (): void => {
    timer ??= setTimeout(report, Math.max(0, lastMs + AT_MOST_EVERY_MS - performance.now()));
  };
  const poll = setInterval(() => {
    if (live.state() !== 'connected') changed();
  }, WITHOUT_SOCKET_MS);
  const stops = [
    onMessageOf(live, realtime.messages.systemChanged, changed),
    live.on(REREAD, changed),
    () => clearTimeout(timer),
    () => clearInterval(poll),
  ];
  return () => stops.forEach((stop) => stop());
};
