import { createServer, type Server as HttpServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { Server, type Socket } from 'socket.io';
import { SOCKET_MESSAGES, SOCKET_PATH } from '../../contracts/realtime.ts';
import type { SocketClose, SocketMessage } from '../../contracts/realtime.ts';

/** Serves sockets as the realtime service does, for one user; the test makes the messages. */
export type SocketServer = {
  url: string;
  /** How many sockets were opened until now, and are open now. */
  opened(): number;
  open(): number;
  /** Where each socket said that it had stopped. */
  afters: (number | undefined)[];
  push(name: string, payload?: unknown, traceparent?: string): void;
  notice(name: string): void;
  /** Keeps a message without sending it, as if it had been lost on its way. */
  pushUnsent(name: string): void;
  /** Purges the messages sent until now. */
  purge(): void;
  closeSockets(reason: SocketClose['reason']): void;
  /** Breaks every connection without a word. */
  cut(): void;
  /** Answers 401 to every handshake, as the gateway does without a session. */
  refuse(yes: boolean): void;
  /** Refuses WebSockets, as some networks do; `silent` ones are left without an answer. */
  blockWebSockets(how: 'refused' | 'silent'): void;
  close(): Promise<void>;
};

type Gate = { refuses: boolean; blocked: 'refused' | 'silent' | null; silent: Set<Duplex> };
type Listener = (...given: unknown[]) => void;

/** Stands before Socket.IO, whose own listeners are there already. */
const guard = (http: HttpServer, gate: Gate): void => {
  const own = { request: http.listeners('request'), upgrade: http.listeners('upgrade') };
  http.removeAllListeners('request').removeAllListeners('upgrade');
  http.on('request', (request, response: ServerResponse) => {
    if (gate.refuses) response.writeHead(401).end();
    else for (const listener of own.request as Listener[]) listener(request, response);
  });
  http.on('upgrade', (request, socket: Duplex, head) => {
    if (gate.blocked === 'silent') gate.silent.add(socket);
    else if (gate.refuses || gate.blocked !== null)
      socket.end(`HTTP/1.1 ${gate.refuses ? 401 : 400} Refused\r\nConnection: close\r\n\r\n`);
    else for (const listener of own.upgrade as Listener[]) listener(request, socket, head);
  });
};

/** A server on a port of its own. */
export const startSocketServer = async (userId: string): Promise<SocketServer> => {
  let messages: SocketMessage[] = [];
  let seq = 0;
  let openedCount = 0;
  const gate: Gate = { refuses: false, blocked: null, silent: new Set() };
  const afters: (number | undefined)[] = [];
  const http = createServer();
  const io = new Server(http, { path: SOCKET_PATH });
  guard(http, gate);

  io.on('connection', (socket: Socket) => {
    openedCount += 1;
    const { after } = socket.handshake.auth as { after?: number };
    afters.push(after);
    const missed = messages.filter((message) => message.seq > (after ?? seq));
    const reread = after !== undefined && (after > seq || missed.length < seq - after);
    socket.emit(SOCKET_MESSAGES.welcome, { userId, seq, reread });
    if (!reread) for (const message of missed) socket.emit(SOCKET_MESSAGES.message, message);
  });
  const keep = (name: string, payload: unknown, traceparent?: string): SocketMessage => {
    const at = new Date().toISOString();
    const message = { seq: ++seq, at, name, payload, ...(traceparent && { traceparent }) };
    messages.push(message);
    return message;
  };

  await new Promise<void>((ready) => http.listen(0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    opened: () => openedCount,
    open: () => io.sockets.sockets.size,
    afters,
    notice: (name) => void io.emit(SOCKET_MESSAGES.notice, { name, payload: null }),
    push: (name, payload = null, traceparent) =>
      void io.emit(SOCKET_MESSAGES.message, keep(name, payload, traceparent)),
    pushUnsent: (name) => void keep(name, null),
    purge: () => (messages = []),
    closeSockets: (reason) => {
      io.emit(SOCKET_MESSAGES.close, { reason });
      io.disconnectSockets(true);
    },
    cut: () => io.sockets.sockets.forEach((socket) => socket.conn.close(true)),
    refuse: (yes) => (gate.refuses = yes),
    blockWebSockets: (how) => (gate.blocked = how),
    close: async () => {
      for (const socket of gate.silent) socket.destroy();
      await io.close();
    },
  };
};
