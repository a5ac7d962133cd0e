import { Counter, Gauge, Histogram } from 'prom-client';

const actionSeconds = new Histogram({
  name: 'payloom_action_seconds',
  help: 'Time that an action took, by action and outcome (ok or the error code)',
  labelNames: ['action', 'code'],
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
});
const callQueue = new Histogram({
  name: 'payloom_call_queue_seconds',
  help: 'Time from the sending of a request over RabbitMQ until this process took it from its queue',
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
});
const publishConfirms = new Histogram({
  name: 'payloom_publish_confirm_seconds',
  help: 'Time until RabbitMQ confirmed a batch of events, by outcome (ok, failed)',
  labelNames: ['outcome'],
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
});
const eventsHandled = new Counter({
  name: 'payloom_events_total',
  help:
    'Deliveries of events by subscribing service, event and outcome: handled, duplicate (its inbox knew ' +
    'it), superseded (a newer version was known), retried, waiting for a dependency, dead',
  labelNames: ['service', 'event', 'outcome'],
});
const cacheAnswers = new Counter({
  name: 'payloom_cache_total',
  help: 'Cached read actions by outcome: hit, miss, shared with a call, or bypass (no store, too large)',
  labelNames: ['action', 'outcome'],
});
const eventsPublished = new Counter({
  name: 'payloom_outbox_published_total',
  help: 'Events that the relays of a service have published from its outbox',
  labelNames: ['service'],
});
const eventsReturned = new Counter({
  name: 'payloom_outbox_returned_total',
  help: 'Events that stay in the outbox because a queue of a subscriber is missing, counted at each attempt',
  labelNames: ['service', 'event'],
});
const rowsUnreadable = new Counter({
  name: 'payloom_rows_unreadable_total',
  help: 'Damaged rows that were left out of lists, by action, counted at each reading',
  labelNames: ['action'],
});
const jobRuns = new Histogram({
  name: 'payloom_job_seconds',
  help: 'Time that a run of a periodic job took, by service, job and outcome (ok, failed)',
  // Not `job`, which Prometheus uses itself.
  labelNames: ['service', 'name', 'outcome'],
  buckets: [0.01, 0.1, 1, 10, 60, 600],
});

const revocationsKnown = new Histogram({
  name: 'payloom_revocation_seconds',
  help: 'Time from a revocation until this process refused what it revoked, by service',
  labelNames: ['service'],
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60],
});

let flightsOf: (() => Iterable<[service: string, count: number]>) | null = null;
new Gauge({
  name: 'payloom_calls_in_flight',
  help: 'Calls over RabbitMQ that wait for their answer, by called service',
  labelNames: ['service'],
  collect() {
    for (const [service, count] of flightsOf?.() ?? []) this.set({ service }, count);
  },
});

export const observeAction = (action: string, code: string, seconds: number): void =>
  actionSeconds.observe({ action, code }, seconds);
export const countEvent = (
  service: string,
  event: string,
  outcome: 'handled' | 'duplicate' | 'superseded' | 'retried' | 'waiting' | 'dead',
): void => eventsHandled.inc({ service, event, outcome });
export const countPublished = (service: string, events: number): void =>
  eventsPublished.inc({ service }, events);
export const countReturned = (service: string, event: string): void => eventsReturned.inc({ service, event });
export const countCache = (action: string, outcome: 'hit' | 'miss' | 'shared' | 'bypass'): void =>
  cacheAnswers.inc({ action, outcome });
export const countUnreadable = (action: string, rows: number): void => rowsUnreadable.inc({ action }, rows);
export const observeJob = (service: string, job: string, outcome: 'ok' | 'failed', seconds: number): void =>
  jobRuns.observe({ service, name: job, outcome }, seconds);
export const observeCallQueue = (seconds: number): void => callQueue.observe(seconds);
export const observeConfirm = (outcome: 'ok' | 'failed', seconds: number): void =>
  publishConfirms.observe({ outcome }, seconds);
export const observeRevocation = (service: string, seconds: number): void =>
  revocationsKnown.observe({ service }, seconds);
/** Exports zeros before the first revocation: Prometheus counts from the first value that it reads. */
export const showRevocations = (service: string): void => revocationsKnown.zero({ service });
/** Exports the numbers that `read` returns whenever the metrics are read. */
export const watchFlights = (read: NonNullable<typeof flightsOf>): void => {
  flightsOf = read;
};
