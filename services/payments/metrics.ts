import { Counter, Gauge } from 'prom-client';

const paymentsSettled = new Counter({
  name: 'payloom_payments_total',
  help: 'Payments that reached a status, by status and currency',
  labelNames: ['status', 'currency'],
});

export const countPayment = (status: string, currency: string): void =>
  paymentsSettled.inc({ status, currency });

let readStuck: (() => Promise<number>) | null = null;

new Gauge({
  name: 'payloom_payments_reversals_stuck',
  help: 'Reversals that the processor refuses or does not answer: money that could not be given back yet',
  async collect() {
    // An unreachable database leaves the last value.
    const count = await readStuck?.().catch(() => null);
    if (typeof count === 'number') this.set(count);
  },
});

/** Exports the number that `read` returns whenever the metrics are read. Returns a function that ends it. */
export const watchStuckReversals = (read: () => Promise<number>): (() => void) => {
  readStuck = read;
  return () => {
    if (readStuck === read) readStuck = null;
  };
};
