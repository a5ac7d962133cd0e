import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { SOCKET_PATH } from '../../shared/contracts/realtime.ts';
import type { Person } from './accounts.ts';
import { cookieOf } from './watcher.ts';

/** A WebSocket that was opened as it should be, and of which nothing is read from then on. */
export type DeafSocket = {
  /** Since when nothing is read. */
  sinceMs: number;
  /** Whether the other end still keeps it; nobody who does not read is told. */
  isKept(): boolean;
  close(): void;
};

/** Nothing that a client says is longer (RFC 6455 5.2). */
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
    `Cookie: ${cookieOf(accessToken)}`,
    '\r\n',
  ].join('\r\n');

const ESTABLISHED = '01';

const hexOf = (port: number): string => `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;

/**
 * The kernel's view of a connection of ours: only one that nobody has ended is established. By both of its
 * ports, for other connections may begin at the same one.
 */
const isEstablished = (localPort: number, remotePort: number): boolean => {
  const ends = `${hexOf(localPort)} ${hexOf(remotePort)} ${ESTABLISHED}`;
  const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n');
  return lines.some((line) => line.trim().split(/\s+/).slice(1, 4).join(' ') === ends);
};

/** Resolves when everything that is expected has been said, in this order. */
const heard = (socket: Socket, expected: readonly string[]): Promise<void> =>
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
 * engine.io's answer to a ping; it is taken for one also where nobody asked. While nothing is read, the
 * next one is also how our kernel learns that the other end is gone.
 */
const PONG = '3';
const PONG_EVERY_MS = 1_000;

/**
 * Opens a socket and stops reading.
 * @param pongs answers pings that it has not read, so that only what waits for it gives it away
 */
export const openDeaf = async (
  url: string,
  origin: string,
  person: Pick<Person, 'accessToken'>,
  pongs = false,
): Promise<DeafSocket> => {
  const { host, port, hostname } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  socket.on('error', () => undefined);
  let timer: NodeJS.Timeout | undefined;
  try {
    socket.write(requestText(host, origin, person.accessToken));
    await heard(socket, [' 101 ', '"sid"']);
    socket.write(frame('40'));
    await heard(socket, ['welcome']);
  } catch (error) {
    socket.destroy();
    throw error;
  }
  socket.pause();
  const localPort = socket.localPort ?? 0;
  if (pongs) timer = setInterval(() => socket.write(frame(PONG)), PONG_EVERY_MS);
  return {
    sinceMs: Date.now(),
    isKept: () => !socket.destroyed && isEstablished(localPort, Number(port)),
    close: () => {
      clearInterval(timer);
      socket.destroy();
    },
  };
};
