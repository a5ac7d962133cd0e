import { onMessageOf, REREAD } from '../../../../shared/client/on-message.ts';
import type { LiveState } from '../../../../shared/client/host.ts';
import { realtime } from '../../../../shared/contracts/realtime.ts';
import { observed } from '../../../../shared/telemetry/observed.ts';
import { session, sessionChanged, startSession } from '../session/session.svelte.ts';
import { createSignal } from '../session/signal.ts';
import { whenIdle } from './when-idle.ts';

/** Whether messages arrive; the same in all tabs of the browser. */
export const live = $state<{ state: LiveState }>({ state: 'reconnecting' });
export const liveChanged = createSignal();

type Listener = (payload: unknown) => void;
const listeners = new Map<string, Set<Listener>>();

/** Calls the listener with each message of that full name, or with `reread`; see the host's `live.on`. */
export const onMessage = (name: string, listener: Listener): (() => void) => {
  const known = listeners.get(name) ?? new Set();
  listeners.set(name, known.add(listener));
  return () => known.delete(listener);
};

const notify = (name: string, payload: unknown): void => {
  for (const listener of [...(listeners.get(name) ?? [])]) {
    try {
      listener(payload);
    } catch (error) {
      reportError(error);
    }
  }
};

/** Since when a connection is awaited; null while there is one, or none is wanted. */
let waitingSinceMs: number | null = null;
let isFirst = true;

const measure = (state: LiveState): void => {
  if (state !== 'connected') {
    waitingSinceMs ??= performance.now();
  } else if (waitingSinceMs !== null) {
    const value = performance.now() - waitingSinceMs;
    observed({ kind: 'measured', sample: { kind: isFirst ? 'connect' : 'drop', of: 'all', value } });
    waitingSinceMs = null;
    isFirst = false;
  }
};

const show = (state: LiveState): void => {
  if (state === live.state) return;
  measure(state);
  live.state = state;
  liveChanged.notify();
};

const TRY_AGAIN_MS = 10_000;
/** Without a connection by then, the shell reads all the same what it reads at the first one. */
const READ_ANYWAY_MS = 5_000;
const subscribersStale = createSignal();

/** Calls the listener when what the shell knows of a person may be old, or is not known yet. */
export const onStale = (listener: () => void): (() => void) => {
  const stops = [onMessage(REREAD, listener), subscribersStale.on(listener)];
  return () => stops.forEach((stop) => stop());
};
let stop: (() => void) | null = null;
let subscribedUserId: string | undefined;

const hold = (): void => {
  stop?.();
  stop = null;
  subscribedUserId = undefined;
  show('reconnecting');
  waitingSinceMs = null;
};

/** Begins once the page has had time for itself: what does it is loaded only then. */
const begin = (userId: string): void => {
  subscribedUserId = userId;
  waitingSinceMs = performance.now();
  isFirst = true;
  const isWanted = (): boolean => subscribedUserId === userId && stop === null;
  const start = async (): Promise<void> => {
    try {
      const { goLive } = await import('./connect-tab.ts');
      if (isWanted()) stop = goLive({ userId, message: notify, state: show });
    } catch {
      // A page without messages polls.
      setTimeout(() => isWanted() && void start(), TRY_AGAIN_MS);
    }
  };
  whenIdle(() => isWanted() && void start());
  setTimeout(() => {
    if (subscribedUserId === userId && live.state !== 'connected') subscribersStale.notify();
  }, READ_ANYWAY_MS);
};

const applySession = (): void => {
  const userId = session.user?.id;
  if (userId === subscribedUserId) return;
  hold();
  if (userId !== undefined) begin(userId);
};

/** Receives messages while a user is signed in; a page that the browser suspends closes its socket. */
export const subscribeLive = (): (() => void) => {
  const unsubscribe = sessionChanged.on(applySession);
  addEventListener('pagehide', hold);
  addEventListener('pageshow', applySession);
  applySession();
  return () => {
    unsubscribe();
    removeEventListener('pagehide', hold);
    removeEventListener('pageshow', applySession);
    hold();
  };
};

/** A changed name or role shows at once. */
export const subscribeUser = (): (() => void) =>
  onMessageOf({ on: onMessage }, realtime.messages.userChanged, ({ id }) => {
    if (id === session.user?.id) void startSession();
  });
