import { Counter } from 'prom-client';

const paymentsSettled = new Counter({
  name: 'payloom_payments_total',
  help: 'Payments that reached a status, by status and currency',
  labelNames: ['status', 'currency'],
});

export const countPayment = (status: string, currency: string): void =>
  paymentsSettled.inc({ status, currency });
