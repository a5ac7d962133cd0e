import type { Host } from '../../../../shared/client/host.ts';
import { onMessageOf, REREAD } from '../../../../shared/client/on-message.ts';
import type { UserId } from '../../../../shared/contracts/ids.ts';
import { realtime } from '../../../../shared/contracts/realtime.ts';

/** So long changes are collected, so that a bulk act is read once. */
const COLLECT_MS = 250;

type UserMessage = typeof realtime.messages.userChanged | typeof realtime.messages.userSessionsChanged;

/**
 * Calls the listener with the users that changed, several at a time, or with `all` when messages were missed.
 * Messages of sessions, of which every sign-in sends one, are for pages that show sessions and ask for them.
 * Returns the function that stops it.
 */
export const watchUsers = (
  live: Pick<Host['live'], 'on'>,
  listener: (changed: ReadonlySet<UserId> | 'all') => void,
  messages: readonly UserMessage[] = [realtime.messages.userChanged],
): (() => void) => {
  let changed = new Set<UserId>();
  let isAll = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const report = (): void => {
    timer = undefined;
    const what = isAll ? 'all' : changed;
    changed = new Set();
    isAll = false;
    listener(what);
  };
  const collect = (): void => {
    timer ??= setTimeout(report, COLLECT_MS);
  };
  const stops = [
    ...messages.map((message) =>
      onMessageOf(live, message, ({ id }) => {
        changed.add(id);
        collect();
      }),
    ),
    live.on(REREAD, () => {
      isAll = true;
      collect();
    }),
    () => clearTimeout(timer),
  ];
  return () => stops.forEach((stop) => stop());
};
