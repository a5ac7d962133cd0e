import { Gauge } from 'prom-client';
import type { Database } from '../postgres/database.ts';
import { outboxLagOf } from './queue-depth.ts';

const LIMIT_MS = 1_000;

const watched = new Map<string, Database>();

const rowsWaiting = new Gauge({
  name: 'payloom_outbox_rows',
  help: 'Events that wait in the outbox of a service, at most 10000',
  labelNames: ['service'],
  collect: () => measure(),
});
const oldestAge = new Gauge({
  name: 'payloom_outbox_oldest_seconds',
  help: 'Age of the oldest event that waits in the outbox of a service',
  labelNames: ['service'],
});

const within = <T>(promise: Promise<T>): Promise<T | null> =>
  Promise.race([
    promise.catch(() => null),
    new Promise<null>((resolve) => setTimeout(() => resolve(null), LIMIT_MS).unref()),
  ]);

/** Queried when the metrics are read; an unreachable database leaves the last values. */
const measure = async (): Promise<void> => {
  for (const [service, db] of watched) {
    const lag = await within(outboxLagOf(db));
    if (!lag) continue;
    rowsWaiting.set({ service }, lag.rows);
    oldestAge.set({ service }, lag.oldestS);
  }
};

/** Exports the size and age of a service's outbox as metrics. Returns a function that stops it. */
export const watchOutbox = (service: string, db: Database): (() => void) => {
  watched.set(service, db);
  return () => {
    if (watched.get(service) === db) watched.delete(service);
  };
};
