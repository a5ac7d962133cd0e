// A process with open sockets; it opens them at a limited rate and reports the received messages on request.
import { io, type Socket } from 'socket.io-client';
import { SOCKET_PATH, type SocketMessage } from '../../shared/contracts/realtime.ts';
import { accessCookie } from '../system/cookies.ts';
import type { Open, Order, Received, Report } from './crowd.ts';

const sockets: Socket[] = [];
let received: Received[] = [];
let lost = 0;

const report = (one: Report): void => void process.send?.(one);

const openOne = ({ urls, origin, records }: Open, accessToken: string, at: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = io(urls[at % urls.length] ?? '', {
      path: SOCKET_PATH,
      transports: ['websocket'],
      extraHeaders: { cookie: accessCookie(origin, accessToken), origin },
      reconnection: false,
      forceNew: true,
    });
    sockets.push(socket);
    socket.once('welcome', () => resolve());
    socket.once('connect_error', reject);
    socket.on('disconnect', () => (lost += 1));
    if (!records) return;
    socket.on('message', ({ name, payload }: SocketMessage) => {
      received.push({ atMs: performance.timeOrigin + performance.now(), name, payload, socket: at });
    });
  });

/** Opens sockets one after the other at a limited rate, because handshakes are expensive. */
const openAll = async (open: Open): Promise<void> => {
  const { accessTokens, count, perSecond } = open;
  const startMs = performance.now();
  for (let at = 0; at < count; at++) {
    const earlyMs = startMs + (at * 1_000) / perSecond - performance.now();
    if (earlyMs > 0) await new Promise((resolve) => setTimeout(resolve, earlyMs));
    await openOne(open, accessTokens[at % accessTokens.length] ?? '', at);
  }
};

process.on('message', (order: Order) => {
  if (order.kind === 'take') {
    report({ kind: 'received', received, lost });
    received = [];
    return;
  }
  openAll(order).then(
    () => report({ kind: 'open' }),
    (error: Error) => report({ kind: 'failed', message: error.message }),
  );
});
process.on('disconnect', () => process.exit());
