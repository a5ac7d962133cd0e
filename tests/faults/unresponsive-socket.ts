import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { connect as connectOverTls } from 'node:tls';
import { SOCKET_PATH } from '../../shared/contracts/realtime.ts';
import type { Person } from '../system/accounts.ts';
import { accessCookie } from '../system/cookies.ts';

/** A WebSocket whose client reads nothing after the handshake. */
export type UnresponsiveSocket = {
  /** When reading stopped. */
  sinceMs: number;
  /** Whether the server keeps the connection; read from the kernel, since nothing is read here. */
  isKept(): boolean;
  close(): void;
};

/** A masked text frame of less than 126 bytes (RFC 6455 5.2). */
const frame = (text: string): Buffer => {
  const mask = randomBytes(4);
  const body = Buffer.from(text).map((byte, at) => byte ^ (mask[at % 4] ?? 0));
  return Buffer.concat([Buffer.from([0x81, 0x80 | body.length]), mask, body]);
};

const requestText = (host: string, origin: string, accessToken: string): string =>
  [
    `GET ${SOCKET_PATH}/?EIO=4&transport=websocket HTTP/1.1`,
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    `Origin: ${origin}`,
    `Cookie: ${accessCookie(origin, accessToken)}`,
    '\r\n',
  ].join('\r\n');

const ESTABLISHED = '01';

const hexOf = (port: number): string => `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;

/**
 * Whether the kernel lists the server's end of this connection as established: the client's stays so while it
 * does not read what came before the end. Both ports are compared, because other connections may use one.
 */
const isEstablished = (serverPort: number, clientPort: number): boolean => {
  const ends = `${hexOf(serverPort)} ${hexOf(clientPort)} ${ESTABLISHED}`;
  const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n');
  return lines.some((line) => line.trim().split(/\s+/).slice(1, 4).join(' ') === ends);
};

/** Resolves when the received text contains all of these. */
const received = (socket: Socket, expected: readonly string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    let text = '';
    const take = (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (!expected.every((word) => text.includes(word))) return;
      socket.off('data', take);
      resolve();
    };
    socket.on('data', take);
    socket.once('close', () => reject(new Error(`a socket was closed: ${text.slice(0, 300)}`)));
  });

/**
 * engine.io's answer to a ping, which it accepts at any time. Writing it is also how the kernel notices that
 * the server has closed the connection.
 */
const PONG = '3';
const PONG_EVERY_MS = 1_000;

/**
 * Opens a socket and stops reading.
 * @param pongs sends pongs without reading pings, so that only the growing send buffer shows that it is stuck
 */
export const openUnresponsive = async (
  url: string,
  origin: string,
  person: Pick<Person, 'accessToken'>,
  pongs = false,
): Promise<UnresponsiveSocket> => {
  const { host, port, hostname, protocol } = new URL(url);
  const to = { host: hostname, port: Number(port) };
  const socket = protocol === 'https:' ? connectOverTls({ ...to, servername: hostname }) : connect(to);
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  let timer: NodeJS.Timeout | undefined;
  try {
    socket.write(requestText(host, origin, person.accessToken));
    await received(socket, [' 101 ', '"sid"']);
    socket.write(frame('40'));
    await received(socket, ['welcome']);
  } catch (error) {
    socket.destroy();
    throw error;
  }
  socket.pause();
  const localPort = socket.localPort ?? 0;
  if (pongs) timer = setInterval(() => socket.write(frame(PONG)), PONG_EVERY_MS);
  return {
    sinceMs: Date.now(),
    isKept: () => !socket.destroyed && isEstablished(Number(port), localPort),
    close: () => {
      clearInterval(timer);
      socket.destroy();
    },
  };
};
