import { io, type Socket } from 'socket.io-client';
import {
  SOCKET_PATH,
  type SocketClose,
  type SocketMessage,
  type SocketNotice,
  type Welcome,
} from '../../shared/contracts/realtime.ts';
import { createPace } from '../../shared/client/pace.ts';
import type { Loss } from '../../shared/client/socket.ts';
import type { Person } from '../system/accounts.ts';
import { oneOf } from '../system/client.ts';
import { accessCookie } from '../system/cookies.ts';

type Transport = 'websocket' | 'polling';

/** The gateways' URLs, and the Origin header that they accept. */
export type SocketEndpoints = { urls: readonly string[]; origin: string };

/** A time without a connection, and the errors of the tries in it. */
type Gap = { ms: number; tries: readonly string[] };

/** A socket client that reconnects by itself, at the other gateway, and resumes after its last message. */
export type SocketClient = {
  person: Person;
  transport: Transport;
  /** All received messages, in the order of arrival. */
  messages: SocketMessage[];
  /** The notices, and when they arrived. */
  notices: { name: string; atMs: number }[];
  /** The sequence number of the first welcome; null before it. */
  from: number | null;
  /** The times from each loss to the next welcome. */
  gaps: Gap[];
  /** When the connection was lost; null while there is one. */
  lostMs: number | null;
  closes: { reason: SocketClose['reason']; atMs: number }[];
  /** Refusals, closes and rereads that a client in good standing must not get. */
  problems: string[];
  close(): void;
};

export type SocketOptions = {
  /** The index of its first gateway. */
  first?: number;
  transport?: Transport;
  /** Does not reconnect. */
  once?: boolean;
};

const CONNECT_LIMIT_MS = 6_000;
/** Tries that took longer are listed with their duration. */
const SLOW_TRY_MS = 1_000;

const open = (
  { origin }: SocketEndpoints,
  url: string,
  { person, transport, messages, from }: SocketClient,
) => {
  const after = messages.at(-1)?.seq ?? from;
  return io(url, {
    path: SOCKET_PATH,
    transports: [transport],
    extraHeaders: { cookie: accessCookie(origin, person.accessToken), origin },
    auth: after === null ? {} : { after },
    reconnection: false,
    forceNew: true,
    timeout: CONNECT_LIMIT_MS,
  });
};

const onWelcome = (client: SocketClient, { seq, reread }: Welcome, tries: string[]): void => {
  if (client.from === null) client.from = seq;
  else if (reread) client.problems.push('had to read everything again');
  if (client.lostMs !== null) client.gaps.push({ ms: Date.now() - client.lostMs, tries: tries.splice(0) });
  client.lostMs = null;
};

type ConnectError = Error & {
  /** The realtime service's refusal. */
  data?: { code?: string };
  /** A status for long polling, an object with a message for WebSockets. */
  description?: number | { message?: string };
};

const reasonOf = ({ data, description, message }: ConnectError): string =>
  data?.code ?? String(typeof description === 'object' ? description.message : (description ?? message));

/** Close reasons after which a client reconnects at once. */
const EXPECTED: readonly SocketClose['reason'][] = ['restart'];

/** Opens a socket for a person and keeps it open. */
export const connectSocket = (
  endpoints: SocketEndpoints,
  person: Person,
  options: SocketOptions = {},
): SocketClient => {
  const { first = 0, transport = 'websocket', once = false } = options;
  let at = first;
  let closed = false;
  let socket: Socket | null = null;
  let timer: NodeJS.Timeout | undefined;
  const tries: string[] = [];
  // Reconnects with the same delays as the pages.
  const pace = createPace({ nowMs: Date.now, random: Math.random });

  const client: SocketClient = {
    person,
    transport,
    messages: [],
    notices: [],
    from: null,
    gaps: [],
    lostMs: Date.now(),
    closes: [],
    problems: [],
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
    client.lostMs ??= Date.now();
    if (once) return;
    at += 1;
    timer = setTimeout(connect, pace.lost(loss));
  };

  const connect = (): void => {
    const startedMs = Date.now();
    const mine = open(endpoints, oneOf(endpoints.urls, at), client);
    socket = mine;
    mine.on('welcome', (welcome: Welcome) => {
      pace.welcomed();
      onWelcome(client, welcome, tries);
    });
    mine.on('message', (message: SocketMessage) => {
      if (mine === socket) client.messages.push(message);
    });
    mine.on('notice', ({ name }: SocketNotice) => void client.notices.push({ name, atMs: Date.now() }));
    mine.on('close', ({ reason }: SocketClose) => {
      client.closes.push({ reason, atMs: Date.now() });
      if (!EXPECTED.includes(reason)) client.problems.push(`close: ${reason}`);
      lose(mine, { code: reason });
    });
    mine.on('disconnect', () => lose(mine, {}));
    mine.on('connect_error', (error: ConnectError) => {
      const lastedMs = Date.now() - startedMs;
      tries.push(`${reasonOf(error)}${lastedMs > SLOW_TRY_MS ? ` after ${lastedMs} ms` : ''}`);
      const code = error.data?.code;
      if (code && code !== 'unavailable') client.problems.push(`refused: ${code}`);
      lose(mine, code === undefined ? {} : { code });
    });
  };
  connect();
  return client;
};

/**
 * Opens a socket with a ticket instead of a cookie, as an API client does, and closes it.
 * @throws Error when the ticket is refused
 */
export const openTicket = async ({ urls }: SocketEndpoints, { api }: Person): Promise<void> => {
  const { status, body, text } = await api.post('/api/realtime/tickets');
  if (status !== 201) throw new Error(`a ticket request was answered ${status}: ${text}`);
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
