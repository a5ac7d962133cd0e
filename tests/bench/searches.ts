// The effect of 24 costly searches at a time over 120,000 payments on other requests.
import { tokenOf } from '../system/accounts.ts';
import { percentile } from '../system/statistics.ts';
import { startFilled } from './filled-instance.ts';
import { openConnections, type Request } from './load.ts';
import type { Quiet } from './machine.ts';
import { createRequest, getRequest } from './payment-jobs.ts';
import { latenciesOf, sendSteadily, type Sample } from './steady-load.ts';
import type { Line } from './table.ts';

type SearchOptions = { quick: boolean; quiet: Quiet; say: (text: string) => void };
type Found = { status: number; latencyMs: number };

const PAYMENTS = 120_000;
const SEARCHES_AT_ONCE = 24;
const OTHERS_PER_S = 10;
const OTHERS_CONNECTIONS = 16;
const P95_GOAL_MS = 250;

/** Each makes PostgreSQL look at most payments of the user, and most find nothing. */
const TEXTS = ['for invoice', 'ice inv', '---', 'es for', '...', 'early office', 'al office', 'late web'];

const searchRequest = (token: string, index: number): Request => ({
  method: 'GET',
  path: `/api/payments?q=${encodeURIComponent(TEXTS[index % TEXTS.length] ?? '')}`,
  token,
  expect: 200,
});

/** Searches over and over on each connection until the work is done. */
const searchDuring = async <T>(
  port: number,
  token: string,
  work: () => Promise<T>,
): Promise<{ result: T; found: Found[] }> => {
  const connections = await openConnections([port], SEARCHES_AT_ONCE);
  const found: Found[] = [];
  let index = 0;
  let done = false;
  const drive = async (connection: (typeof connections)[number]): Promise<void> => {
    while (!done) {
      const at = index++;
      const { status, latencyMs } = await connection.request(searchRequest(token, at), at);
      found.push({ status, latencyMs });
    }
  };
  const driving = Promise.all(connections.map(drive));
  try {
    return { result: await work(), found };
  } finally {
    done = true;
    await driving.finally(() => connections.forEach((connection) => connection.close()));
  }
};

const countsOf = (statuses: readonly number[]): string =>
  Object.entries(Object.groupBy(statuses, String))
    .map(([status, all]) => `${all?.length} × ${status}`)
    .join(', ');

const statusesOf = (samples: readonly Sample[]): string => countsOf(samples.map(({ status }) => status));
const p95 = (latenciesMs: readonly number[]): number => percentile(latenciesMs, 0.95);

/** The statuses and the 95th percentile of creates and reads, without and with searches beside them. */
export const measureSearches = async (port: number, options: SearchOptions): Promise<Line[]> => {
  const { quick, quiet, say } = options;
  const { instance, user } = await startFilled(port, PAYMENTS);
  const token = await tokenOf(instance.urls, user.email);
  const first = await user.api.post('/api/payments', JSON.parse(createRequest(token).body ?? '') as object, {
    'idempotency-key': 'searches',
  });
  const steady = {
    ports: [port],
    ratePerS: OTHERS_PER_S,
    durationMs: quick ? 5_000 : 20_000,
    connections: OTHERS_CONNECTIONS,
  };
  const send = async (): Promise<Sample[]> => {
    const others = [createRequest(token), getRequest(token, String(first.body['id']))];
    return (await Promise.all(others.map((request) => sendSteadily({ ...request, ...steady })))).flat();
  };
  await send();
  await quiet.check('searches');
  const calm = await send();
  const { result: busy, found } = await searchDuring(port, token, send);
  const refused = busy.filter(({ status }) => status === 0 || status >= 400);
  say(`  searches: ${countsOf(found.map(({ status }) => status))}; others: ${statusesOf(busy)}`);
  await instance.stop();
  return [
    {
      measure: `searches: others refused, of ${busy.length}`,
      goal: 0,
      floor: null,
      measured: refused.length,
      unit: '',
      detail: `others ${statusesOf(busy)}; searches ${countsOf(found.map(({ status }) => status))}`,
    },
    {
      measure: 'searches: p95 of others',
      goal: P95_GOAL_MS,
      floor: null,
      measured: p95(latenciesOf(busy)),
      unit: 'ms',
      detail:
        `${p95(latenciesOf(calm)).toFixed(0)} ms without searches; p95 of the searches ` +
        `${p95(found.map(({ latencyMs }) => latencyMs)).toFixed(0)} ms`,
    },
  ];
};
