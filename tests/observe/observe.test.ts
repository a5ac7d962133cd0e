import { randomBytes } from 'node:crypto';
import { globSync } from 'node:fs';
import { startOwnStack, type Stack } from '../../scripts/stack/client.ts';
import { until } from '../system/timing.ts';
import { documentedMetrics, keptMetrics, root, textOf } from './documents.ts';
import { blockPayments, blockRelay, drive, leaveMessage, openPeople, type People } from './drive.ts';
import { followMetrics } from './samples.ts';

const LIMIT_MS = 180_000;
const DATA_LIMIT_MS = 30_000;

let stack: Stack;
let people: People;

const metricsUrls = async (): Promise<string[]> =>
  (await stack.status()).units.flatMap(({ metricsPort }) =>
    metricsPort === undefined ? [] : [`http://127.0.0.1:${metricsPort}/metrics`],
  );
const metrics = followMetrics(metricsUrls);

type Result = { metric: Record<string, string>; value: [number, string] };

/** The samples of a query that are numbers. */
const query = async (expr: string): Promise<Result[]> => {
  const answer = await fetch(`${stack.prometheus}/api/v1/query`, {
    method: 'POST',
    body: new URLSearchParams({ query: expr }),
  });
  const { status, error, data } = (await answer.json()) as {
    status: string;
    error?: string;
    data?: { result: Result[] };
  };
  if (status !== 'success') throw new Error(`${expr}: ${error}`);
  return (data?.result ?? []).filter(({ value }) => value[1] !== 'NaN');
};

beforeAll(async () => {
  stack = await startOwnStack({
    name: `observe-${randomBytes(3).toString('hex')}`,
    observe: true,
    demo: false,
    replicas: { payments: 1, realtime: 1 },
    env: { prometheus: { SCRAPE_SECONDS: '1' }, payments: { PAYMENTS_POOL_SIZE: '4' } },
  });
  people = await openPeople(stack, 'observe');
  await drive(stack, people, 'first');
  // Rates need two readings of a series.
  await until('Prometheus has read what failed', DATA_LIMIT_MS, async () => {
    const found = await query('payloom_payments_total{status="failed"}');
    return found.length > 0;
  });
  await drive(stack, people, 'second');
}, LIMIT_MS);
afterAll(async () => {
  people?.close();
  await stack?.down({ delete: true });
}, LIMIT_MS);

it('Prometheus reads every process, each replica by its name', async () => {
  const { units } = await stack.status();
  const names = units.filter(({ kind }) => kind === 'process').map(({ name }) => name);
  await until('all are up', DATA_LIMIT_MS, async () => {
    const up = (await query('up == 1')).map(({ metric }) => metric['instance'] ?? '');
    return up.sort().join() === names.sort().join();
  });
  const gateways = await query('sum by (job, instance) (payloom_http_request_seconds_count)');
  expect(gateways.map(({ metric }) => metric)).toEqual(
    expect.arrayContaining([
      { job: 'gateway', instance: 'gateway-1' },
      { job: 'gateway', instance: 'gateway-2' },
    ]),
  );
});

it(
  'a replica that is added or taken away is read from then on, or no more',
  async () => {
    const hasUp = (count: number) => async () => (await query('up{job="profile"}')).length === count;
    await stack.scale('profile', 2);
    await until('the second is read', DATA_LIMIT_MS, hasUp(2));
    await stack.scale('profile', 1);
    await until('the second is not read', DATA_LIMIT_MS, hasUp(1));
  },
  LIMIT_MS,
);

it('no label holds an address of a person or an id', async () => {
  const texts = await Promise.all((await metricsUrls()).map(async (url) => (await fetch(url)).text()));
  const [{ payer, payee }] = [people];
  for (const text of texts)
    expect(text).not.toMatch(new RegExp(`${payer.email}|${payee.id}|\\b(pay|usr|ses)_[0-9a-f]{8}`));
});

it(
  'each metric is moved by what happens',
  async () => {
    const waiting = async (name: string) => {
      await metrics.read();
      return metrics.hasMoved(name);
    };
    await blockRelay(stack, people, () => waiting('payloom_outbox_oldest_seconds'));
    await leaveMessage(stack, people, () => waiting('payloom_messages_oldest_undelivered_seconds'));
    await blockPayments(
      stack,
      people,
      async () => (await waiting('payloom_pool_waiting')) && metrics.hasMoved('payloom_calls_in_flight'),
    );
    await metrics.read();
    const all = [...documentedMetrics].filter(([, movedBy]) => movedBy === 'stack').map(([name]) => name);
    const still = () => [...all, ...keptMetrics].filter((name) => !metrics.hasMoved(name));
    await until(
      () => `moved, but ${still().join(', ')}`,
      DATA_LIMIT_MS,
      async () => {
        await metrics.read();
        return still().length === 0;
      },
    );
  },
  LIMIT_MS,
);

type Dashboard = { title: string; panels: { title: string; targets: { expr: string }[] }[] };
const dashboards = globSync('docker/grafana/dashboards/*.json', { cwd: root }).map(
  (path) => JSON.parse(textOf(path)) as Dashboard,
);

it.each(dashboards.map((dashboard) => [dashboard.title, dashboard] as const))(
  'every query of the dashboard %s has data',
  async (_title, { panels }) => {
    const queries = panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ title, expr })));
    let empty: string[] = [];
    await until(
      () => `data, but for ${empty.join('; ')}`,
      DATA_LIMIT_MS,
      async () => {
        const found = await Promise.all(queries.map(({ expr }) => query(expr)));
        empty = queries
          .filter((_query, at) => found[at]?.length === 0)
          .map(({ title, expr }) => `${title}: ${expr}`);
        return empty.length === 0;
      },
    );
  },
  LIMIT_MS,
);
