import type { LiveState } from '../../../../shared/client/host.ts';
import { createLive, type Tab } from '../../../../shared/client/live.ts';
import { confirmSession } from '../session/session.svelte.ts';

const NETWORK_EVENTS = ['online', 'offline'] as const;

const tab: Tab = {
  locks: navigator.locks,
  channel: 'BroadcastChannel' in globalThis ? (name) => new BroadcastChannel(name) : undefined,
  online: () => navigator.onLine,
  visible: () => !document.hidden,
  onChange: (listener) => {
    for (const event of NETWORK_EVENTS) addEventListener(event, listener);
    document.addEventListener('visibilitychange', listener);
    return () => {
      for (const event of NETWORK_EVENTS) removeEventListener(event, listener);
      document.removeEventListener('visibilitychange', listener);
    };
  },
  nowMs: () => performance.now(),
  random: Math.random,
  after: (delayMs, listener) => {
    const timer = setTimeout(listener, delayMs);
    return () => clearTimeout(timer);
  },
};

type LiveHere = {
  userId: string;
  message(name: string, payload: unknown): void;
  state(state: LiveState): void;
};

/** Receives the user's messages in this tab until the returned function is called. */
export const goLive = ({ userId, message, state }: LiveHere): (() => void) => {
  const loadSocket = async () => {
    const { openSocketAt } = await import('../../../../shared/client/socket-io.ts');
    return openSocketAt(location.origin);
  };
  return createLive({ userId, loadSocket, confirmSession, message, state, tab }).stop;
};
