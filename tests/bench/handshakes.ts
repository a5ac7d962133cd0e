// What payments notice of five hundred handshakes a second that are all refused.
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { BenchStack } from './bench-stack.ts';
import { fillPayments } from './contender-process.ts';
import type { Quiet } from './machine.ts';
import { createRequest } from './payment-jobs.ts';
import { endWithBenches, register, tokenOf } from './payloom.ts';
import { startSocketStack } from './sockets.ts';
import { checkAll, latenciesOf, sendSteadily } from './steady-load.ts';
import { median, percentile, type Line } from './table.ts';

export type HandshakeOptions = { quick: boolean; quiet: Quiet; say: (text: string) => void };

/** What the process that knocks is told. */
export type Handshakes = { ports: readonly number[]; origin: string; ratePerS: number };
type Knocked = { refused: number; lost: number; letIn: number; sent: number; seconds: number };

/** Only the payer's own limits are off: who knocks is limited as everybody is. */
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

/** Knocks until the work is done. */
const knockDuring = async <T>(
  { ports, url }: BenchStack,
  work: () => Promise<T>,
): Promise<{ result: T; knocked: Knocked }> => {
  const order: Handshakes = { ports, origin: url, ratePerS: HANDSHAKES_PER_S };
  const file = join(import.meta.dirname, 'handshakes-process.ts');
  const child = spawn(process.execPath, [file, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const keep = endWithBenches(async () => void child.kill('SIGKILL'));
  const said = text(child.stdout);
  await wait(SETTLE_MS);
  try {
    const result = await work();
    child.kill('SIGTERM');
    return { result, knocked: JSON.parse(await said) as Knocked };
  } finally {
    child.kill('SIGKILL');
    keep();
  }
};

const linesOf = (calm: readonly number[], busy: readonly number[], knocked: readonly Knocked[]): Line[] => {
  const sum = (of: (one: Knocked) => number) => knocked.reduce((total, one) => total + of(one), 0);
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
        `nobody): ${sum(({ refused }) => refused)} refused, ` +
        `${sum(({ letIn }) => letIn)} let in, ${sum(({ lost }) => lost)} lost`,
    },
  ];
};

/** Payments at a steady rate without and with handshakes, in turns (A B B A). */
export const measureHandshakes = async (base: number, options: HandshakeOptions): Promise<Line[]> => {
  const { quick, quiet, say } = options;
  const bench = await startSocketStack(base, LIMITS);
  try {
    const user = await register(bench, 'payer@bench.test', 'CUSTOMER');
    await bench.asOwner((client) => fillPayments(client, user));
    const token = await tokenOf(bench, user);
    const pay = async (durationMs: number): Promise<number[]> => {
      const request = createRequest(token);
      const steady = { ...request, ports: bench.ports, ratePerS: PAYMENTS_PER_S, durationMs };
      const samples = await sendSteadily({ ...steady, connections: CONNECTIONS });
      checkAll(samples, request.expect);
      return latenciesOf(samples);
    };
    const durationMs = quick ? 5_000 : 30_000;
    await pay(quick ? 5_000 : WARM_UP_MS);
    await knockDuring(bench, () => pay(3_000));
    await quiet.check('handshakes');
    const [calm, busy, knocked]: [number[], number[], Knocked[]] = [[], [], []];
    for (const withHandshakes of [false, true, true, false]) {
      if (withHandshakes) {
        const during = await knockDuring(bench, () => pay(durationMs));
        busy.push(...during.result);
        knocked.push(during.knocked);
      } else calm.push(...(await pay(durationMs)));
      await wait(SETTLE_MS);
    }
    const lines = linesOf(calm, busy, knocked);
    for (const { measured, detail } of lines) say(`  handshakes: ${measured.toFixed(2)}× (${detail})`);
    return lines;
  } finally {
    await bench.end();
  }
};
