// Sockets that stay open, as a process: so many of these people, gently; tells what it heard when it is
// asked.
import { io, type Socket } from 'socket.io-client';
import { SOCKET_PATH, type SocketMessage } from '../../shared/contracts/realtime.ts';
import type { EventDelivery, Open, Order, Told } from './crowd.ts';

const sockets: Socket[] = [];
let heard: EventDelivery[] = [];
let lost = 0;

const tell = (told: Told): void => void process.send?.(told);

const openOne = ({ urls, origin, records }: Open, accessToken: string, at: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = io(urls[at % urls.length] ?? '', {
      path: SOCKET_PATH,
      transports: ['websocket'],
      extraHeaders: { cookie: `__Host-payloom_access=${accessToken}`, origin },
      reconnection: false,
      forceNew: true,
    });
    sockets.push(socket);
    socket.once('welcome', () => resolve());
    socket.once('connect_error', reject);
    socket.on('disconnect', () => (lost += 1));
    if (!records) return;
    socket.on('message', ({ name, payload }: SocketMessage) => {
      heard.push({ atMs: performance.timeOrigin + performance.now(), name, payload, socket: at });
    });
  });

/** One after the other, so many a second at most: a machine that is busy with handshakes does little else. */
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
    tell({ kind: 'heard', heard, lost });
    heard = [];
    return;
  }
  openAll(order).then(
    () => tell({ kind: 'open' }),
    (error: Error) => tell({ kind: 'failed', message: error.message }),
  );
});
process.on('disconnect', () => process.exit());
