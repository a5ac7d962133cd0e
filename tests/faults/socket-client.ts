import { io, type Socket } from 'socket.io-client';
import {
  SOCKET_PATH,
  type SocketClose,
  type SocketMessage,
  type Welcome,
} from '../../shared/contracts/realtime.ts';
import { createPace } from '../../shared/client/pace.ts';
import type { Loss } from '../../shared/client/socket.ts';
import { oneOf } from './client.ts';
import type { Person } from './accounts.ts';

export type Transport = 'websocket' | 'polling';

/** Where sockets are opened: the gateways, and the origin of the pages that may do so. */
export type SocketEndpoints = { urls: readonly string[]; origin: string };

/** A time without a connection, and how the tries to get one ended. */
export type Gap = { ms: number; tries: readonly string[] };

/** A client of the socket that comes back by itself, at the other gateway, and goes on where it stopped. */
export type Watcher = {
  person: Person;
  transport: Transport;
  /** Everything that it was sent, as it came. */
  messages: SocketMessage[];
  /** The number that it began behind; null until the first welcome. */
  from: number | null;
  /** From each loss to the next welcome. */
  gaps: Gap[];
  /** Since when it is not connected; null while it is. */
  lostMs: number | null;
  closes: { reason: SocketClose['reason']; atMs: number }[];
  /** What it was told although it may be here and has missed nothing. */
  troubles: string[];
  close(): void;
};

export type WatchOptions = {
  /** At which gateway it begins. */
  first?: number;
  transport?: Transport;
  /** Ends with its first close or loss instead of coming back. */
  once?: boolean;
};

const CONNECT_LIMIT_MS = 6_000;
/** How long a try may take before it is worth saying. */
const SLOW_TRY_MS = 1_000;

/** The name that browsers guard; stacks are on loopback, where it is used over plain HTTP too. */
export const cookieOf = (accessToken: string): string => `__Host-payloom_access=${accessToken}`;

const open = ({ origin }: SocketEndpoints, url: string, { person, transport, messages, from }: Watcher) => {
  const after = messages.at(-1)?.seq ?? from;
  return io(url, {
    path: SOCKET_PATH,
    transports: [transport],
    extraHeaders: { cookie: cookieOf(person.accessToken), origin },
    auth: after === null ? {} : { after },
    reconnection: false,
    forceNew: true,
    timeout: CONNECT_LIMIT_MS,
  });
};

const onWelcome = (watcher: Watcher, { seq, reread }: Welcome, tries: string[]): void => {
  if (watcher.from === null) watcher.from = seq;
  else if (reread) watcher.troubles.push('told to read everything again');
  if (watcher.lostMs !== null) watcher.gaps.push({ ms: Date.now() - watcher.lostMs, tries: tries.splice(0) });
  watcher.lostMs = null;
};

type ConnectError = Error & {
  /** What the realtime service said. */
  data?: { code?: string };
  /** What came instead of a connection: a status for long polling, a sentence for WebSockets. */
  description?: number | { message?: string };
};

const reasonOf = ({ data, description, message }: ConnectError): string =>
  data?.code ?? String(typeof description === 'object' ? description.message : (description ?? message));

/** What a client who has done nothing wrong is told: come back. */
const POLITE: readonly SocketClose['reason'][] = ['restart'];

/** Opens a socket for somebody and keeps it open. */
export const watch = (places: SocketEndpoints, person: Person, options: WatchOptions = {}): Watcher => {
  const { first = 0, transport = 'websocket', once = false } = options;
  let at = first;
  let closed = false;
  let socket: Socket | null = null;
  let timer: NodeJS.Timeout | undefined;
  const tries: string[] = [];
  // Comes back when a page of ours would.
  const pace = createPace({ nowMs: Date.now, random: Math.random });

  const watcher: Watcher = {
    person,
    transport,
    messages: [],
    from: null,
    gaps: [],
    lostMs: Date.now(),
    closes: [],
    troubles: [],
    close: () => {
      closed = true;
      clearTimeout(timer);
      socket?.disconnect();
    },
  };

  const lose = (mine: Socket, loss: Loss): void => {
    if (closed || mine !== socket) return;
    socket = null;
    mine.disconnect();
    watcher.lostMs ??= Date.now();
    if (once) return;
    at += 1;
    timer = setTimeout(connect, pace.lost(loss));
  };

  const connect = (): void => {
    const startedMs = Date.now();
    const mine = open(places, oneOf(places.urls, at), watcher);
    socket = mine;
    mine.on('welcome', (told: Welcome) => {
      pace.welcomed();
      onWelcome(watcher, told, tries);
    });
    mine.on('message', (told: SocketMessage) => {
      if (mine === socket) watcher.messages.push(told);
    });
    mine.on('close', ({ reason }: SocketClose) => {
      watcher.closes.push({ reason, atMs: Date.now() });
      if (!POLITE.includes(reason)) watcher.troubles.push(`close: ${reason}`);
      lose(mine, { code: reason });
    });
    mine.on('disconnect', () => lose(mine, {}));
    mine.on('connect_error', (error: ConnectError) => {
      const lastedMs = Date.now() - startedMs;
      tries.push(`${reasonOf(error)}${lastedMs > SLOW_TRY_MS ? ` after ${lastedMs} ms` : ''}`);
      const code = error.data?.code;
      if (code && code !== 'unavailable') watcher.troubles.push(`refused: ${code}`);
      lose(mine, code === undefined ? {} : { code });
    });
  };
  connect();
  return watcher;
};

/**
 * Opens a socket as an API client does, with a ticket instead of a cookie, and closes it.
 * @throws Error when it is not let in
 */
export const openTicket = async ({ urls }: SocketEndpoints, { api }: Person): Promise<void> => {
  const { status, body, text } = await api.post('/api/realtime/tickets');
  if (status !== 201) throw new Error(`a ticket was answered ${status}: ${text}`);
  const { ticket } = body as { ticket: string };
  const options = { path: SOCKET_PATH, reconnection: false, forceNew: true, timeout: CONNECT_LIMIT_MS };
  const socket = io(oneOf(urls, 1), { ...options, transports: ['websocket'], auth: { ticket } });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('welcome', () => resolve());
      socket.once('connect_error', (error: Error & { data?: { code?: string } }) =>
        reject(new Error(`a ticket was refused: ${error.data?.code ?? error.message}`)),
      );
    });
  } finally {
    socket.disconnect();
  }
};
