// How fast the stack's relays drain a full outbox, and the effect on the API's latency.
import { setTimeout as sleep } from 'node:timers/promises';
import { register, tokenOf } from '../system/accounts.ts';
import { median, percentile } from '../system/statistics.ts';
import { startBenchStack, type BenchStack } from './bench-stack.ts';
import { fillPayments } from './contender-process.ts';
import { startSubscriber } from './subscriber-process.ts';
import { sendSteadilyFromOutside } from './load.ts';
import type { Quiet } from './machine.ts';
import { createRequest, listRequest } from './payment-jobs.ts';
import { holdEventsBack, letEventsGo } from './instances.ts';
import { checkAll, latenciesOf, type Sample } from './steady-load.ts';
import type { Line } from './table.ts';

type BacklogOptions = { quick: boolean; quiet: Quiet; say: (text: string) => void };

const POLL_MS = 50;
const DRAIN_LIMIT_MS = 180_000;
/** A light load, which leaves most of the machine to the relays. */
const RATE_PER_S = 25;
const CONNECTIONS = 16;

/** Rows like those of payments. */
const FILL = `
  insert into outbox (id, event, version, payload, request_id, occurred_at)
  select 'evt_' || lpad(to_hex(i), 12, '0') || '7' || substr(md5(i::text), 1, 19), 'payments.created', 1,
    json_build_object('id', 'pay_' || md5('payment ' || i), 'payerId', 'usr_' || md5('payer'),
      'payeeId', 'usr_' || md5('payee'), 'amountMinor', 12345, 'currency', 'EUR', 'status', 'pending',
      'version', 1, 'at', to_char(now() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text,
    'req_' || md5('request ' || i), now()
  from generate_series(1, $1::int) i`;

const waiting = (bench: BenchStack): Promise<number> =>
  bench.asOwner(async (client) => {
    const { rows } = await client.query<{ waiting: number }>('select count(*)::int as waiting from outbox');
    return rows[0]?.waiting ?? 0;
  });

/** Releases the relays and waits until the outbox is drained. @returns milliseconds */
const drain = async (bench: BenchStack): Promise<number> => {
  const startMs = performance.now();
  await letEventsGo(bench);
  while ((await waiting(bench)) > RATE_PER_S) {
    if (performance.now() - startMs > DRAIN_LIMIT_MS) throw new Error('the outbox was not drained in time');
    await sleep(POLL_MS);
  }
  return performance.now() - startMs;
};

type Load = { during<T>(work: () => Promise<T>): Promise<{ result: T; samples: Sample[] }> };

/** Payments and lists at a steady rate; only requests due during the work count. */
const lightLoad = (bench: BenchStack, token: string, durationMs: number): Load => ({
  during: async (work) => {
    const steady = { ports: bench.ports, ratePerS: RATE_PER_S, durationMs, connections: CONNECTIONS };
    const sending = Promise.all(
      [createRequest(token), listRequest(token)].map(async (request) => {
        const samples = await sendSteadilyFromOutside({ ...request, ...steady });
        checkAll(samples, request.expect);
        return samples;
      }),
    );
    // The load generators are processes and take a moment to start.
    await sleep(1_000);
    const startMs = performance.timeOrigin + performance.now();
    const result = await work();
    const endMs = performance.timeOrigin + performance.now();
    const samples = (await sending).flat();
    return { result, samples: samples.filter(({ dueAtMs }) => dueAtMs >= startMs && dueAtMs < endMs) };
  },
});

const linesOf = (rows: number, drainMs: number, before: Sample[], during: Sample[]): Line[] => {
  const [calm, busy] = [latenciesOf(before), latenciesOf(during)];
  const [calmP99, busyP99] = [percentile(calm, 0.99), percentile(busy, 0.99)];
  const pair = (a: number, b: number) => `${a.toFixed(1)} → ${b.toFixed(1)} ms`;
  return [
    {
      measure: 'outbox: events drained a second',
      goal: 5_000,
      floor: null,
      atLeast: true,
      measured: rows / (drainMs / 1_000),
      unit: '/s',
      detail: `${rows} rows in ${(drainMs / 1_000).toFixed(1)} s by both relays into one quorum queue`,
    },
    {
      measure: "outbox: the API's p99 while it drains",
      goal: 1.5,
      floor: null,
      measured: busyP99 / calmP99,
      unit: '×',
      detail:
        `p99 ${pair(calmP99, busyP99)}, p50 ${pair(median(calm), median(busy))}; ` +
        `${RATE_PER_S} payments and ${RATE_PER_S} lists a second`,
    },
  ];
};

/** Drains 100,000 rows under light load. The subscriber is stopped: its queue receives the events. */
export const measureBacklog = async (base: number, options: BacklogOptions): Promise<Line[]> => {
  const { quick, quiet, say } = options;
  const rows = quick ? 20_000 : 100_000;
  const bench = await startBenchStack(base, { payments: { PAYMENTS_DRIVER_SLOTS: '0' } });
  try {
    const user = await register(bench.urls, 'payer@bench.test', 'CUSTOMER');
    await bench.asOwner((client) => fillPayments(client, user));
    // Its first start declares its queue.
    await (await startSubscriber(bench)).stop();
    const token = await tokenOf(bench.urls, user.email);
    const measuredMs = quick ? 5_000 : 20_000;
    await lightLoad(bench, token, 5_000).during(() => sleep(4_000));
    await quiet.check('outbox');
    const before = await lightLoad(bench, token, measuredMs + 1_000).during(() => sleep(measuredMs));
    await holdEventsBack(bench);
    await bench.asOwner((client) => client.query(FILL, [rows]));
    const during = await lightLoad(bench, token, measuredMs + 5_000).during(() => drain(bench));
    const lines = linesOf(rows, during.result, before.samples, during.samples);
    say(`  outbox: ${lines.map(({ measured, unit }) => `${measured.toFixed(2)} ${unit}`).join(', ')}`);
    return lines;
  } finally {
    await bench.end();
  }
};
