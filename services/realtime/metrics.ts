import { Counter, Gauge } from 'prom-client';
import type { SocketClose } from '../../shared/contracts/realtime.ts';

const openSockets = new Gauge({ name: 'payloom_sockets', help: 'Sockets that are open at this process' });
const socketsRefused = new Counter({
  name: 'payloom_sockets_refused_total',
  help: 'Sockets that were not let in, by error code',
  labelNames: ['code'],
});
const socketsEnded = new Counter({
  name: 'payloom_sockets_ended_total',
  help: 'Sockets that this process ended, by the reason that it gave (unruly: none)',
  labelNames: ['reason'],
});
const messagesSent = new Counter({
  name: 'payloom_messages_sent_total',
  help: 'Messages that were sent to sockets, by name',
  labelNames: ['name'],
});

export const countSockets = (change: 1 | -1): void => openSockets.inc(change);
export const countRefused = (code: string): void => socketsRefused.inc({ code });
export const countEnded = (reason: SocketClose['reason'] | 'unruly' | 'slow'): void =>
  socketsEnded.inc({ reason });
export const countSent = (name: string): void => messagesSent.inc({ name });
