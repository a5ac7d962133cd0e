// The effect of 500 refused handshakes a second on the latency of payments.
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { register, tokenOf } from '../system/accounts.ts';
import { median, percentile } from '../system/statistics.ts';
import type { BenchStack } from './bench-stack.ts';
import { fillPayments } from './contender-process.ts';
import type { Quiet } from './machine.ts';
import { createRequest } from './payment-jobs.ts';
import { endWithBenches } from './instances.ts';
import { startSocketStack } from './sockets.ts';
import { checkAll, latenciesOf, sendSteadily } from './steady-load.ts';
import type { Line } from './table.ts';

type HandshakeOptions = { quick: boolean; quiet: Quiet; say: (text: string) => void };

/** The argument of the handshake process. */
export type Handshakes = { ports: readonly number[]; origin: string; ratePerS: number };
type Counts = { refused: number; lost: number; accepted: number; sent: number; seconds: number };

/** Only the payer has no limits; handshakes are limited as in production. */
const LIMITS = {
  GATEWAY_LIMITS_OFF: 'false',
  GATEWAY_LIMITS: JSON.stringify({
    'payments.create': { perAccountPerMinute: 0, perAddressPerMinute: 0 },
  }),
};
const HANDSHAKES_PER_S = 500;
const PAYMENTS_PER_S = 10;
const CONNECTIONS = 16;
const SETTLE_MS = 1_500;
/** Processes that have just started are slower until V8 has compiled what is hot. */
const WARM_UP_MS = 20_000;

/** Sends handshakes until the work is done. */
const handshakesDuring = async <T>(
  { ports, url }: BenchStack,
  work: () => Promise<T>,
): Promise<{ result: T; counts: Counts }> => {
  const order: Handshakes = { ports, origin: url, ratePerS: HANDSHAKES_PER_S };
  const file = join(import.meta.dirname, 'handshakes-process.ts');
  const child = spawn(process.execPath, [file, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const cancel = endWithBenches(async () => void child.kill('SIGKILL'));
  const output = text(child.stdout);
  await sleep(SETTLE_MS);
  try {
    const result = await work();
    child.kill('SIGTERM');
    return { result, counts: JSON.parse(await output) as Counts };
  } finally {
    child.kill('SIGKILL');
    cancel();
  }
};

const linesOf = (calm: readonly number[], busy: readonly number[], counts: readonly Counts[]): Line[] => {
  const sum = (of: (one: Counts) => number) => counts.reduce((total, one) => total + of(one), 0);
  const rate = Math.round(sum(({ sent }) => sent) / sum(({ seconds }) => seconds));
  const [calmP99, busyP99] = [percentile(calm, 0.99), percentile(busy, 0.99)];
  return [
    {
      measure: 'handshakes: payments p99 under refused ones',
      goal: 1.5,
      floor: null,
      measured: busyP99 / calmP99,
      unit: '×',
      detail:
        `p99 ${calmP99.toFixed(1)} → ${busyP99.toFixed(1)} ms, p50 ${median(calm).toFixed(1)} → ` +
        `${median(busy).toFixed(1)} ms ` +
        `of ${calm.length} payments each at ${PAYMENTS_PER_S} a second; ${rate} handshakes a second ` +
        `from one address, limited as by default (foreign origin, forged cookie, our page without one, ` +
        `no origin): ${sum(({ refused }) => refused)} refused, ` +
        `${sum(({ accepted }) => accepted)} accepted, ${sum(({ lost }) => lost)} lost`,
    },
  ];
};

/** Payments at a steady rate without and with handshakes, in turns (A B B A). */
export const measureHandshakes = async (base: number, options: HandshakeOptions): Promise<Line[]> => {
  const { quick, quiet, say } = options;
  const bench = await startSocketStack(base, LIMITS);
  try {
    const user = await register(bench.urls, 'payer@bench.test', 'CUSTOMER');
    await bench.asOwner((client) => fillPayments(client, user));
    const token = await tokenOf(bench.urls, user.email);
    const pay = async (durationMs: number): Promise<number[]> => {
      const request = createRequest(token);
      const steady = { ...request, ports: bench.ports, ratePerS: PAYMENTS_PER_S, durationMs };
      const samples = await sendSteadily({ ...steady, connections: CONNECTIONS });
      checkAll(samples, request.expect);
      return latenciesOf(samples);
    };
    const durationMs = quick ? 5_000 : 30_000;
    await pay(quick ? 5_000 : WARM_UP_MS);
    await handshakesDuring(bench, () => pay(3_000));
    await quiet.check('handshakes');
    const [calm, busy, counts]: [number[], number[], Counts[]] = [[], [], []];
    for (const withHandshakes of [false, true, true, false]) {
      if (withHandshakes) {
        const during = await handshakesDuring(bench, () => pay(durationMs));
        busy.push(...during.result);
        counts.push(during.counts);
      } else calm.push(...(await pay(durationMs)));
      await sleep(SETTLE_MS);
    }
    const lines = linesOf(calm, busy, counts);
    for (const { measured, detail } of lines) say(`  handshakes: ${measured.toFixed(2)}× (${detail})`);
    return lines;
  } finally {
    await bench.end();
  }
};
