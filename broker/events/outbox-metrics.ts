import { Gauge } from 'prom-client';
import type { Database } from '../postgres/database.ts';

const LIMIT_MS = 1_000;
/** A longer outbox is not counted to its end. */
const MOST_ROWS = 10_000;

type Lag = { rows: number; age_s: number };

const watched = new Map<string, Database>();

const rowsWaiting = new Gauge({
  name: 'payloom_outbox_rows',
  help: `Events that wait in the outbox of a service, at most ${MOST_ROWS}`,
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
    const rows = await within(
      db.query<Lag>(
        `select (select count(*) from (select from outbox limit ${MOST_ROWS}) counted)::int as rows,
           coalesce((
             select extract(epoch from now() - occurred_at) from outbox order by seq limit 1
           ), 0)::float8 as age_s`,
      ),
    );
    if (!rows?.[0]) continue;
    rowsWaiting.set({ service }, rows[0].rows);
    oldestAge.set({ service }, Math.max(0, rows[0].age_s));
  }
};

/** Exports the size and age of a service's outbox as metrics. Returns a function that stops it. */
export const watchOutbox = (service: string, db: Database): (() => void) => {
  watched.set(service, db);
  return () => {
    if (watched.get(service) === db) watched.delete(service);
  };
};
