import { Counter, Gauge } from 'prom-client';
import { withinLimit } from '../../broker/telemetry/within-limit.ts';
import type { CloseReason } from '../../shared/contracts/realtime.ts';

const openSockets = new Gauge({ name: 'payloom_sockets', help: 'Open sockets at this process' });
const socketsRefused = new Counter({
  name: 'payloom_sockets_refused_total',
  help: 'Refused sockets, by error code',
  labelNames: ['code'],
});
const socketsClosed = new Counter({
  name: 'payloom_sockets_closed_total',
  help: 'Sockets that this process closed, by reason (forbidden_packets and slow: without a close message)',
  labelNames: ['reason'],
});
const messagesSent = new Counter({
  name: 'payloom_messages_sent_total',
  help: 'Messages sent to sockets, by name',
  labelNames: ['name'],
});

export const countSockets = (change: 1 | -1): void => openSockets.inc(change);
export const countRefused = (code: string): void => socketsRefused.inc({ code });
export const countClosed = (reason: CloseReason | 'forbidden_packets' | 'slow'): void =>
  socketsClosed.inc({ reason });
export const countSent = (name: string): void => messagesSent.inc({ name });

let readLag: (() => Promise<number>) | null = null;

new Gauge({
  name: 'payloom_messages_oldest_undelivered_seconds',
  help: 'Age of the oldest message that an open socket of this process has not been sent; 0 without one',
  async collect() {
    // An unreachable database leaves the last value.
    const lag = readLag ? await withinLimit(readLag()) : null;
    if (lag !== null) this.set(lag);
  },
});

/** Exports the lag in seconds that `read` returns whenever the metrics are read. Returns how to end it. */
export const watchLag = (read: () => Promise<number>): (() => void) => {
  readLag = read;
  return () => {
    if (readLag === read) readLag = null;
  };
};
