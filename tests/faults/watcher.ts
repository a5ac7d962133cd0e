import { io, type Socket } from 'socket.io-client';
import {
  SOCKET_PATH,
  type Goodbye,
  type SocketMessage,
  type Welcome,
} from '../../shared/contracts/realtime.ts';
import { oneOf } from './client.ts';
import type { Person } from './people.ts';

export type Transport = 'websocket' | 'polling';

/** Where sockets are opened: the gateways, and the origin of the pages that may do so. */
export type SocketPlaces = { urls: readonly string[]; origin: string };

/** A client of the socket that comes back by itself, at the other gateway, and goes on where it stopped. */
export type Watcher = {
  person: Person;
  transport: Transport;
  /** Everything that it was sent, as it came. */
  messages: SocketMessage[];
  /** The number that it began behind; null until the first welcome. */
  from: number | null;
  /** From each loss to the next welcome, in milliseconds. */
  gapsMs: number[];
  /** Since when it is not connected; null while it is. */
  lostMs: number | null;
  goodbyes: { reason: Goodbye['reason']; atMs: number }[];
  /** What it was told although it may be here and has missed nothing. */
  troubles: string[];
  close(): void;
};

export type WatchOptions = {
  /** At which gateway it begins. */
  first?: number;
  transport?: Transport;
  /** Ends with its first goodbye or loss instead of coming back. */
  once?: boolean;
};

const CONNECT_LIMIT_MS = 5_000;
/** A try that was refused is followed by the next within this time, so that not all come at once. */
const PAUSE_MS = 300;

/** The name that browsers guard; stacks are on loopback, where it is used over plain HTTP too. */
export const cookieOf = (accessToken: string): string => `__Host-payloom_access=${accessToken}`;

const open = ({ origin }: SocketPlaces, url: string, { person, transport, messages, from }: Watcher) => {
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

const onWelcome = (watcher: Watcher, { seq, reread }: Welcome): void => {
  if (watcher.from === null) watcher.from = seq;
  else if (reread) watcher.troubles.push('told to read everything again');
  if (watcher.lostMs !== null) watcher.gapsMs.push(Date.now() - watcher.lostMs);
  watcher.lostMs = null;
};

/** What a client who has done nothing wrong is told: come back. */
const POLITE: readonly Goodbye['reason'][] = ['restart'];

/** Opens a socket for somebody and keeps it open. */
export const watch = (places: SocketPlaces, person: Person, options: WatchOptions = {}): Watcher => {
  const { first = 0, transport = 'websocket', once = false } = options;
  let at = first;
  let closed = false;
  let socket: Socket | null = null;
  let timer: NodeJS.Timeout | undefined;

  const watcher: Watcher = {
    person,
    transport,
    messages: [],
    from: null,
    gapsMs: [],
    lostMs: Date.now(),
    goodbyes: [],
    troubles: [],
    close: () => {
      closed = true;
      clearTimeout(timer);
      socket?.disconnect();
    },
  };

  const lose = (mine: Socket): void => {
    if (closed || mine !== socket) return;
    socket = null;
    mine.disconnect();
    const isFirstTry = watcher.lostMs === null;
    watcher.lostMs ??= Date.now();
    if (once) return;
    at += 1;
    timer = setTimeout(connect, Math.random() * (isFirstTry ? PAUSE_MS / 3 : PAUSE_MS));
  };

  const connect = (): void => {
    const mine = open(places, oneOf(places.urls, at), watcher);
    socket = mine;
    mine.on('welcome', (told: Welcome) => onWelcome(watcher, told));
    mine.on('message', (told: SocketMessage) => {
      if (mine === socket) watcher.messages.push(told);
    });
    mine.on('goodbye', ({ reason }: Goodbye) => {
      watcher.goodbyes.push({ reason, atMs: Date.now() });
      if (!POLITE.includes(reason)) watcher.troubles.push(`goodbye: ${reason}`);
      lose(mine);
    });
    mine.on('disconnect', () => lose(mine));
    mine.on('connect_error', (error: Error & { data?: { code?: string } }) => {
      const code = error.data?.code;
      if (code && code !== 'unavailable') watcher.troubles.push(`refused: ${code}`);
      lose(mine);
    });
  };
  connect();
  return watcher;
};

/**
 * Opens a socket as an API client does, with a ticket instead of a cookie, and closes it.
 * @throws Error when it is not let in
 */
export const openTicket = async ({ urls }: SocketPlaces, { api }: Person): Promise<void> => {
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
