import type { SocketNotice, SocketMessage } from '../contracts/realtime.ts';
import { createConnection, type Connection } from './connection.ts';
import { REREAD } from './on-message.ts';
import type { LiveState } from './host.ts';
import { electLeader, watchLeader } from './leadership.ts';
import type { OpenSocket, Timing } from './socket.ts';
import { noteMessage } from './traces.ts';

/** The parts of the browser that are used; replaceable in tests. */
export type Tab = Timing & {
  locks: LockManager | undefined;
  /** The channel between tabs, or undefined. */
  channel: ((name: string) => BroadcastChannel) | undefined;
  online(): boolean;
  visible(): boolean;
  /** Calls the listener when the network comes or goes, or the tab is shown; returns what stops it. */
  onChange(listener: () => void): () => void;
};

export type LiveOptions = {
  userId: string;
  /** Loads the socket module: only the leading tab needs it. */
  loadSocket(): Promise<OpenSocket>;
  /** As `ConnectionOptions` says. */
  confirmSession(): Promise<void>;
  message(name: string, payload: unknown): void;
  state(state: LiveState): void;
  tab: Tab;
};

/** Messages between tabs; all but questions come from the leader. */
type Word =
  | { kind: 'ask'; hurry: boolean }
  | { kind: 'state'; connected: boolean; seq: number | null }
  | { kind: 'message'; message: SocketMessage }
  | { kind: 'notice'; notice: SocketNotice }
  | { kind: 'reread'; seq: number };
type LeaderMessage = Exclude<Word, { kind: 'ask' }>;

const LOAD_AGAIN_MS = 5_000;

/** The state of a tab from its leader's messages, or its own. */
const createReceiver = ({ message, state, tab }: LiveOptions) => {
  let seq: number | null = null;
  let connected = false;
  const missed = (upTo: number): void => {
    seq = upTo;
    message(REREAD, undefined);
  };
  const publishState = (): void => state(connected ? 'connected' : tab.online() ? 'reconnecting' : 'offline');
  return {
    now: () => ({ connected, seq }),
    publishState,
    receive: (leaderMessage: LeaderMessage): void => {
      if (leaderMessage.kind === 'message') {
        const { seq: at, name, payload } = leaderMessage.message;
        if (seq !== null && at <= seq) return;
        noteMessage(leaderMessage.message);
        // A suspended tab does not receive everything.
        if (seq !== null && at > seq + 1) missed(at - 1);
        seq = at;
        message(name, payload);
      } else if (leaderMessage.kind === 'notice') {
        message(leaderMessage.notice.name, leaderMessage.notice.payload);
      } else if (leaderMessage.kind === 'reread') {
        missed(leaderMessage.seq);
      } else {
        connected = leaderMessage.connected;
        publishState();
        // Data read before the first message may have been stale when that message arrived.
        if (leaderMessage.seq !== null && (seq === null || leaderMessage.seq > seq))
          missed(leaderMessage.seq);
      }
    },
  };
};

/** The leader's socket, from the loading of what opens it to its end. */
const openConnection = (
  { userId, loadSocket, confirmSession, tab }: LiveOptions,
  seq: number | null,
  publish: (leaderMessage: LeaderMessage) => void,
) => {
  let ended = false;
  let connection: Connection | null = null;
  let cancelLoad = (): void => {};
  const connect = (openSocket: OpenSocket): Connection =>
    createConnection({
      userId,
      openSocket,
      confirmSession,
      seq,
      message: (message) => publish({ kind: 'message', message }),
      notice: (notice) => publish({ kind: 'notice', notice }),
      reread: (upTo) => publish({ kind: 'reread', seq: upTo }),
      state: (connected, at) => publish({ kind: 'state', connected, seq: at }),
      timing: tab,
    });
  const load = (): void => {
    loadSocket().then(
      (openSocket) => {
        if (!ended) connection = connect(openSocket);
      },
      () => {
        // Without the socket, pages poll.
        if (!ended) cancelLoad = tab.after(LOAD_AGAIN_MS, load);
      },
    );
  };
  load();
  return {
    networkChanged: (): void => (tab.online() ? connection?.wake() : connection?.drop()),
    end: (): void => {
      ended = true;
      cancelLoad();
      connection?.close();
    },
  };
};

/**
 * Receives a user's messages. The tabs of one browser share one socket: the leader opens it and forwards
 * messages; each tab keeps the number of the last one, so that the next leader continues from there.
 */
export const createLive = (options: LiveOptions): { stop(): void } => {
  const { userId, tab } = options;
  const name = `payloom-live-${userId}`;
  const others = tab.locks ? tab.channel?.(name) : undefined;
  const receiver = createReceiver(options);
  let led: ReturnType<typeof openConnection> | null = null;

  const say = (leaderMessage: Word): void => others?.postMessage(leaderMessage);
  const publish = (leaderMessage: LeaderMessage): void => {
    say(leaderMessage);
    receiver.receive(leaderMessage);
  };
  const publishState = (): void => publish({ ...receiver.now(), kind: 'state' });
  const lead = (): (() => void) => {
    publish({ kind: 'state', connected: false, seq: receiver.now().seq });
    led = openConnection(options, receiver.now().seq, publish);
    return () => {
      led?.end();
      led = null;
      watch.look();
    };
  };
  let hurry = true;
  const watch = watchLeader({
    tab,
    ask: () => {
      if (led === null) say({ kind: 'ask', hurry });
      hurry = false;
    },
    silent: () => leadership.seize(),
  });
  const leadership = electLeader({ name, locks: others ? tab.locks : undefined, lead });

  if (others) {
    others.onmessage = ({ data }: MessageEvent<Word>) => {
      if (data.kind !== 'ask') {
        watch.received();
        if (led === null) receiver.receive(data);
      } else if (led !== null) {
        publishState();
        if (data.hurry) led.networkChanged();
      }
    };
    watch.look();
  }
  const stopWatching = tab.onChange(() => {
    led?.networkChanged();
    receiver.publishState();
    hurry = true;
    watch.look();
  });
  return {
    stop: () => {
      stopWatching();
      leadership.resign();
      watch.stop();
      others?.close();
    },
  };
};
