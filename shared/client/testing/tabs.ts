import { createLive, type LiveOptions, type Tab } from '../live.ts';
import { openSocketAt } from '../socket-io.ts';

/** A tab of a browser under test, with what it has received. */
export type TestTab = {
  received: string[];
  states: string[];
  confirmed(): number;
  go(online: boolean): void;
  /** As when the person comes back to the tab. */
  show(visible: boolean): void;
  stop(): void;
};

/** Polls until the condition holds; fails after the limit with what is asked for. */
export const eventually = async (holds: () => boolean, limitMs = 8_000): Promise<void> => {
  const deadline = performance.now() + limitMs;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`not within ${limitMs} ms: ${holds}`);
    await new Promise((turn) => setTimeout(turn, 10));
  }
};

export type TabOptions = Pick<LiveOptions, 'userId'> & {
  url: string;
  locks?: LockManager | null;
  confirmSession?: (tab: TestTab) => Promise<void>;
};

/** Opens a tab that shares Web Locks and channels with all others of this process. */
export const openTab = ({ url, userId, locks = navigator.locks, confirmSession }: TabOptions): TestTab => {
  const changed = new Set<() => void>();
  let online = true;
  let visible = true;
  let confirmed = 0;
  const surroundings: Tab = {
    locks: locks ?? undefined,
    channel: (name) => new BroadcastChannel(name),
    online: () => online,
    visible: () => visible,
    onChange: (listener) => {
      changed.add(listener);
      return () => changed.delete(listener);
    },
    nowMs: () => performance.now(),
    random: () => 0.1,
    after: (delayMs, listener) => {
      const timer = setTimeout(listener, delayMs);
      return () => clearTimeout(timer);
    },
  };
  const change = (): void => changed.forEach((listener) => listener());
  const tab: TestTab = {
    received: [],
    states: [],
    confirmed: () => confirmed,
    go: (isOnline) => {
      online = isOnline;
      change();
    },
    show: (isVisible) => {
      visible = isVisible;
      change();
    },
    stop: () => live.stop(),
  };
  const live = createLive({
    userId,
    loadSocket: async () => openSocketAt(url),
    confirmSession: async () => {
      confirmed += 1;
      await confirmSession?.(tab);
    },
    message: (name) => tab.received.push(name),
    state: (state) => {
      if (tab.states.at(-1) !== state) tab.states.push(state);
    },
    tab: surroundings,
  });
  return tab;
};
