import type { SocketNotice, Welcome } from '../contracts/realtime.ts';
import { createPace } from './pace.ts';
import { createSequence, type SequenceOptions } from './sequence.ts';
import { muted, type Loss, type OpenSocket, type Timing } from './socket.ts';

export type ConnectionOptions = SequenceOptions & {
  userId: string;
  openSocket: OpenSocket;
  /**
   * Confirms the session with fresh cookies. Rejects when that is unknown; otherwise resolves to whether
   * there is a session.
   */
  confirmSession(): Promise<void>;
  notice(notice: SocketNotice): void;
  state(connected: boolean, seq: number | null): void;
  timing: Timing;
};

export type Connection = {
  /** Reconnects at once: the network is back, or the tab is shown again. */
  wake(): void;
  /** The network is gone, whether or not the socket has noticed. */
  drop(): void;
  close(): void;
};

const WELCOME_TIMEOUT_MS = 8_000;

const isFulfilled = (promise: Promise<void>): Promise<boolean> =>
  promise.then(
    () => true,
    () => false,
  );

/** Keeps one socket open for a user and reconnects it; handles its messages in order, each once. */
export const createConnection = (options: ConnectionOptions): Connection => {
  const { userId, confirmSession, state, timing } = options;
  const openSocket = muted(options.openSocket);
  const pace = createPace(timing);
  const sequence = createSequence(options);
  let closed = false;
  let opening = false;
  let closeSocket: (() => void) | null = null;
  let cancelTimer = (): void => {};

  const close = (): void => {
    cancelTimer();
    closeSocket?.();
    closeSocket = null;
  };
  const planIn = (delayMs: number): void => {
    cancelTimer();
    cancelTimer = timing.after(delayMs, () => void open());
  };
  const lose = (loss: Loss): void => {
    if (closed) return;
    close();
    planIn(pace.lost(loss));
    state(false, sequence.last());
  };
  const welcome = (received: Welcome): void => {
    if (received.userId !== userId) return lose({ code: 'unauthenticated' });
    cancelTimer();
    pace.welcomed();
    sequence.begin(received);
    state(true, sequence.last());
  };
  const connect = (): void => {
    const start = { after: sequence.last(), pollingFirst: pace.pollingFirst() };
    closeSocket = openSocket(start, {
      welcome,
      notice: options.notice,
      message: (received) => (sequence.take(received) ? undefined : lose({})),
      close: ({ reason }) => lose({ code: reason }),
      lost: lose,
    });
    cancelTimer = timing.after(WELCOME_TIMEOUT_MS, () => lose({ silent: true }));
  };
  const open = async (): Promise<void> => {
    opening = true;
    pace.attempted();
    const isSure = !pace.sessionInDoubt() || (await isFulfilled(confirmSession()));
    opening = false;
    if (closed) return;
    // An unknown session state is checked again before the next socket.
    if (!isSure) return lose({});
    pace.sessionConfirmed();
    connect();
  };

  void open();
  return {
    wake: () => {
      const isWaiting = !closed && !opening && closeSocket === null;
      if (isWaiting && pace.mayHurry()) planIn(0);
    },
    drop: () => {
      if (closeSocket !== null) lose({});
    },
    close: () => {
      closed = true;
      close();
    },
  };
};
