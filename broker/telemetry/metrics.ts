import { Counter, Gauge, Histogram } from 'prom-client';

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
const factsHandled = new Counter({
  name: 'payloom_facts_total',
  help: 'Facts by room that heard them, name and outcome (handled, retried, dead)',
  labelNames: ['room', 'fact', 'outcome'],
});
const cacheAnswers = new Counter({
  name: 'payloom_cache_total',
  help: 'Cached read actions by outcome: hit, miss, or bypass while the store was away',
  labelNames: ['action', 'outcome'],
});
const outboxRows = new Gauge({
  name: 'payloom_outbox_published_total',
  help: 'Facts that a room has handed on from its outbox since it started',
  labelNames: ['room'],
});
const paymentsSettled = new Counter({
  name: 'payloom_payments_total',
  help: 'Payments that reached a status, by status and currency',
  labelNames: ['status', 'currency'],
});

export const observeAction = (action: string, code: string, seconds: number): void =>
  actionSeconds.observe({ action, code }, seconds);
export const countHttp = (action: string, status: number): void => httpRequests.inc({ action, status });
export const countFact = (room: string, fact: string, outcome: 'handled' | 'retried' | 'dead'): void =>
  factsHandled.inc({ room, fact, outcome });
export const countPublished = (room: string, facts: number): void => outboxRows.inc({ room }, facts);
export const countPayment = (status: string, currency: string): void =>
  paymentsSettled.inc({ status, currency });
export const countCache = (action: string, outcome: 'hit' | 'miss' | 'bypass'): void =>
  cacheAnswers.inc({ action, outcome });
