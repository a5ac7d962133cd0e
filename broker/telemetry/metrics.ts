import { Counter, Histogram } from 'prom-client';

const actionSeconds = new Histogram({
  name: 'payloom_action_seconds',
  help: 'Time that an action took, by action and outcome (ok or the error code)',
  labelNames: ['action', 'code'],
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
});
const httpRequests = new Counter({
  name: 'payloom_http_requests_total',
  help: 'HTTP answers by action (or kind of page) and status',
  labelNames: ['action', 'status'],
});
const eventsHandled = new Counter({
  name: 'payloom_events_total',
  help: 'Events by subscribing service, name and outcome (handled, retried, waiting for a dependency, dead)',
  labelNames: ['service', 'event', 'outcome'],
});
const cacheAnswers = new Counter({
  name: 'payloom_cache_total',
  help: 'Cached read actions by outcome: hit, miss, or bypass while the store was unavailable',
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
  labelNames: ['service', 'job', 'outcome'],
  buckets: [0.01, 0.1, 1, 10, 60, 600],
});

export const observeAction = (action: string, code: string, seconds: number): void =>
  actionSeconds.observe({ action, code }, seconds);
export const countHttp = (action: string, status: number): void => httpRequests.inc({ action, status });
export const countEvent = (
  service: string,
  event: string,
  outcome: 'handled' | 'retried' | 'waiting' | 'dead',
): void => eventsHandled.inc({ service, event, outcome });
export const countPublished = (service: string, events: number): void =>
  eventsPublished.inc({ service }, events);
export const countReturned = (service: string, event: string): void => eventsReturned.inc({ service, event });
export const countCache = (action: string, outcome: 'hit' | 'miss' | 'bypass'): void =>
  cacheAnswers.inc({ action, outcome });
export const countUnreadable = (action: string, rows: number): void => rowsUnreadable.inc({ action }, rows);
export const observeJob = (service: string, job: string, outcome: 'ok' | 'failed', seconds: number): void =>
  jobRuns.observe({ service, job, outcome }, seconds);
