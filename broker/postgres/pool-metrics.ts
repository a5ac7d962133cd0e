import { Gauge, Histogram } from 'prom-client';

/** The use of a pool at a moment. */
export type PoolUse = { max: number; open: number; busy: number; waiting: number };

type Watched = { service: string; use: () => PoolUse };

const watched = new Set<Watched>();

const connections = new Gauge({
  name: 'payloom_pool_connections',
  help: 'Connections of the pool of a service, by state (busy, idle)',
  labelNames: ['service', 'state'],
  collect: () => measure(),
});
const waiting = new Gauge({
  name: 'payloom_pool_waiting',
  help: 'Statements that wait for a connection of the pool of a service',
  labelNames: ['service'],
});
const size = new Gauge({
  name: 'payloom_pool_max_connections',
  help: 'The most connections that the pool of a service may open',
  labelNames: ['service'],
});
const waits = new Histogram({
  name: 'payloom_pool_wait_seconds',
  help: 'Time that a statement or transaction waited for a connection of the pool, by service',
  labelNames: ['service'],
  buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2],
});

const measure = (): void => {
  for (const { service, use } of watched) {
    const { max, open, busy, waiting: queued } = use();
    connections.set({ service, state: 'busy' }, busy);
    connections.set({ service, state: 'idle' }, open - busy);
    waiting.set({ service }, queued);
    size.set({ service }, max);
  }
};

/** Exports the use of a pool and how long its users waited for a connection. */
export const measurePool = (service: string, use: () => PoolUse) => {
  const one = { service, use };
  watched.add(one);
  const labels = { service };
  // Prometheus counts from the first value that it reads.
  waits.zero(labels);
  return {
    /** @param sinceMs when the wait began, by `performance.now()` */
    waited: (sinceMs: number): void => waits.observe(labels, (performance.now() - sinceMs) / 1_000),
    end: (): void => void watched.delete(one),
  };
};
