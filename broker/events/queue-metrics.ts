import { Gauge } from 'prom-client';
import type { Database } from '../postgres/database.ts';
import { withinLimit } from '../telemetry/within-limit.ts';
import { outboxLagOf, type QueueDepth } from './queue-depth.ts';

type ReadDepth = () => Promise<QueueDepth | null>;

const outboxes = new Map<string, Database>();
const queues = new Map<string, ReadDepth>();

const rowsWaiting = new Gauge({
  name: 'payloom_outbox_rows',
  help: 'Events that wait in the outbox of a service, at most 10000',
  labelNames: ['service'],
  collect: () => measureOutboxes(),
});
const oldestAge = new Gauge({
  name: 'payloom_outbox_oldest_seconds',
  help: 'Age of the oldest event that waits in the outbox of a service',
  labelNames: ['service'],
});

const queued = new Gauge({
  name: 'payloom_event_queue_messages',
  help: 'Events in the queue of a subscribing service, by state: waiting, retrying (between attempts), dead',
  labelNames: ['service', 'state'],
  collect: () => measureQueues(),
});

// Queried when the metrics are read, together; what is unreachable leaves its last values.

const measureOutbox = async ([service, db]: [string, Database]): Promise<void> => {
  const lag = await withinLimit(outboxLagOf(db));
  if (!lag) return;
  rowsWaiting.set({ service }, lag.rows);
  oldestAge.set({ service }, lag.oldestS);
};
const measureOutboxes = async (): Promise<void> => void (await Promise.all([...outboxes].map(measureOutbox)));

const measureQueue = async ([service, read]: [string, ReadDepth]): Promise<void> => {
  const depth = await withinLimit(read());
  if (!depth) return;
  for (const state of ['waiting', 'retrying', 'dead'] as const) queued.set({ service, state }, depth[state]);
};
const measureQueues = async (): Promise<void> => void (await Promise.all([...queues].map(measureQueue)));

const watch = <T>(all: Map<string, T>, service: string, one: T): (() => void) => {
  all.set(service, one);
  return () => {
    if (all.get(service) === one) all.delete(service);
  };
};

/** Exports the size and age of a service's outbox as metrics. Returns a function that stops it. */
export const watchOutbox = (service: string, db: Database): (() => void) => watch(outboxes, service, db);

/** Exports what a service's queue holds as metrics. Returns a function that stops it. */
export const watchQueue = (service: string, read: ReadDepth): (() => void) => watch(queues, service, read);
