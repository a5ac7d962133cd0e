import type { Job, Request } from './load.ts';

const BODY = JSON.stringify({
  payee: { email: 'vendor7@bench.test' },
  amountMinor: 12_345,
  currency: 'EUR',
  paymentMethod: 'pm_card_visa',
  description: 'Invoice 4711 for coffee beans',
  metadata: { order: 'A-1001' },
});

let batches = 0;

/** A payment; keys are unique within one run of the benches. */
export const createRequest = (token: string): Request => ({
  method: 'POST',
  path: '/api/payments',
  token,
  body: BODY,
  keyPrefix: `bench-${process.pid}-${batches++}`,
  expect: 201,
});

/** A page of payments. */
export const listRequest = (token: string): Request => ({
  method: 'GET',
  path: '/api/payments?limit=25',
  token,
  expect: 200,
});

/** One payment with its timeline. */
export const getRequest = (token: string, id: string): Request => ({
  method: 'GET',
  path: `/api/payments/${id}`,
  token,
  expect: 200,
});

/** A number of equal requests, as fast as the connections get responses. */
export const jobOf = (
  request: Request,
  ports: readonly number[],
  size: { requests: number; connections: number },
): Job => ({ ...request, ports, ...size });
