import type { SocketMessage } from '../contracts/realtime.ts';
import { createConnection, type Connection } from './connection.ts';
import { REREAD } from './on-message.ts';
import type { LiveState } from './host.ts';
import { electLeader, watchLeader } from './leadership.ts';
import type { OpenSocket, Timing } from './socket.ts';

/** What this needs of the browser; given so that tests can be ten tabs of one. */
export type Tab = Timing & {
  locks: LockManager | undefined;
  /** Where the tabs hear each other; undefined where there is no such thing. */
  channel: ((name: string) => BroadcastChannel) | undefined;
  online(): boolean;
  visible(): boolean;
  /** Calls the listener when the network comes or goes, or the tab is shown; returns what stops it. */
  onChange(listener: () => void): () => void;
};

export type LiveOptions = {
  userId: string;
  /** Loads what opens sockets: only the tab that has the browser's one socket needs it. */
  loadSocket(): Promise<OpenSocket>;
  /** As `ConnectionOptions` says. */
  confirmSession(): Promise<void>;
  message(name: string, payload: unknown): void;
  state(state: LiveState): void;
  tab: Tab;
};

/** What tabs tell each other; all but the questions come from the leader. */
type Word =
  | { kind: 'ask'; hurry: boolean }
  | { kind: 'state'; connected: boolean; seq: number | null }
  | { kind: 'message'; told: SocketMessage }
  | { kind: 'reread'; seq: number };
type LeadersWord = Exclude<Word, { kind: 'ask' }>;

const LOAD_AGAIN_MS = 5_000;

/** What a tab knows from its leader's words, or its own: the same in every tab. */
const createHearing = ({ message, state, tab }: LiveOptions) => {
  let seq: number | null = null;
  let connected = false;
  const missed = (upTo: number): void => {
    seq = upTo;
    message(REREAD, undefined);
  };
  const tellState = (): void => state(connected ? 'connected' : tab.online() ? 'reconnecting' : 'offline');
  return {
    now: () => ({ connected, seq }),
    tellState,
    hear: (word: LeadersWord): void => {
      if (word.kind === 'message') {
        const { seq: at, name, payload } = word.told;
        if (seq !== null && at <= seq) return;
        // A tab that was frozen does not hear everything.
        if (seq !== null && at > seq + 1) missed(at - 1);
        seq = at;
        message(name, payload);
      } else if (word.kind === 'reread') {
        missed(word.seq);
      } else {
        connected = word.connected;
        tellState();
        // What was read before the first word of the server may have been old when it was heard.
        if (word.seq !== null && (seq === null || word.seq > seq)) missed(word.seq);
      }
    },
  };
};

/** The leader's socket, from the loading of what opens it to its end. */
const openConnection = (
  { userId, loadSocket, confirmSession, tab }: LiveOptions,
  seq: number | null,
  tell: (word: LeadersWord) => void,
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
      message: (told) => tell({ kind: 'message', told }),
      reread: (upTo) => tell({ kind: 'reread', seq: upTo }),
      state: (connected, at) => tell({ kind: 'state', connected, seq: at }),
      timing: tab,
    });
  const load = (): void => {
    loadSocket().then(
      (openSocket) => {
        if (!ended) connection = connect(openSocket);
      },
      () => {
        // Without it pages ask by themselves.
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
 * Hears what the server tells a user. The tabs of one browser share one socket: their leader has it and
 * passes on what it hears; each keeps the number of the last message, so that whoever leads next goes on
 * behind it.
 */
export const createLive = (options: LiveOptions): { stop(): void } => {
  const { userId, tab } = options;
  const name = `payloom-live-${userId}`;
  const others = tab.locks ? tab.channel?.(name) : undefined;
  const hearing = createHearing(options);
  let led: ReturnType<typeof openConnection> | null = null;

  const say = (word: Word): void => others?.postMessage(word);
  const tell = (word: LeadersWord): void => {
    say(word);
    hearing.hear(word);
  };
  const tellState = (): void => tell({ ...hearing.now(), kind: 'state' });
  const lead = (): (() => void) => {
    tell({ kind: 'state', connected: false, seq: hearing.now().seq });
    led = openConnection(options, hearing.now().seq, tell);
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
        watch.heard();
        if (led === null) hearing.hear(data);
      } else if (led !== null) {
        tellState();
        if (data.hurry) led.networkChanged();
      }
    };
    watch.look();
  }
  const stopWatching = tab.onChange(() => {
    led?.networkChanged();
    hearing.tellState();
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
