// How soon a fact is handled by a room in another process, while payments are created at a steady rate.
import { setTimeout as wait } from 'node:timers/promises';
import { startBenchStack, type BenchStack } from './bench-stack.ts';
import { fillPayments } from './contender-process.ts';
import type { Handled } from './hearer.service.ts';
import { startHearer, type Hearer } from './hearer-process.ts';
import { sendSteadilyFromOutside } from './load.ts';
import type { Quiet } from './machine.ts';
import { createRequest } from './payment-jobs.ts';
import { register, tokenOf } from './payloom.ts';
import { checkAll, latenciesOf, type Sample } from './steady-load.ts';
import { median, percentile, type Line } from './table.ts';

export type FactsOptions = { quick: boolean; quiet: Quiet; say: (text: string) => void };

const RATE_PER_S = 500;
/** Two cores that also drive every payment through the processor's stand-in do no more. */
const WHOLE_RATE_PER_S = 100;
const CONNECTIONS = 64;
const HEAR_LIMIT_MS = 30_000;

/** Everything that is heard until so many facts were handled. */
const hear = async (hearer: Hearer, count: number): Promise<Handled[]> => {
  const endMs = performance.now() + HEAR_LIMIT_MS;
  const all: Handled[] = [];
  while (all.length < count && performance.now() < endMs) {
    await wait(100);
    all.push(...(await hearer.take()));
  }
  if (all.length < count) throw new Error(`of ${count} facts only ${all.length} were handled in time`);
  return all;
};

type Run = { samples: Sample[]; delaysMs: Map<string, number[]> };

/** Creates payments at a rate and waits until their facts were handled. */
const run = async (
  bench: BenchStack,
  hearer: Hearer,
  given: { token: string; ratePerS: number; seconds: number; factsEach: number },
): Promise<Run> => {
  const { token, ratePerS, seconds, factsEach } = given;
  await hearer.take();
  const sending = sendSteadilyFromOutside({
    ...createRequest(token),
    ports: bench.ports,
    ratePerS,
    durationMs: seconds * 1_000,
    connections: CONNECTIONS,
  });
  const samples = await sending;
  checkAll(samples, 201);
  const delaysMs = new Map<string, number[]>();
  for (const { fact, delayMs } of await hear(hearer, samples.length * factsEach)) {
    const known = delaysMs.get(fact);
    if (known) known.push(delayMs);
    else delaysMs.set(fact, [delayMs]);
  }
  return { samples, delaysMs };
};

/** Payments that were answered in a second: less than was asked for when the machine could not do more. */
const rateOf = (samples: readonly Sample[]): number => {
  const startMs = samples[0]?.dueAtMs ?? 0;
  const endMs = Math.max(...samples.map(({ endAtMs }) => endAtMs));
  return Math.round(samples.length / ((endMs - startMs) / 1_000));
};

const lineOf = (name: string, { samples, delaysMs }: Run, fact: string, judged: boolean): Line => {
  const delays = delaysMs.get(fact) ?? [];
  const latencies = latenciesOf(samples);
  const ms = (value: number) => value.toFixed(0);
  return {
    measure: name,
    goal: judged ? 50 : null,
    floor: null,
    measured: percentile(delays, 0.99),
    unit: 'ms',
    detail:
      `${delays.length} facts at ${rateOf(samples)} payments a second, p50 ${ms(median(delays))}, ` +
      `max ${ms(Math.max(...delays))} ms from before the commit until after the listener's; ` +
      `API p50 ${ms(median(latencies))}, p99 ${ms(percentile(latencies, 0.99))} ms`,
  };
};

const withStack = async <T>(
  base: number,
  payments: Record<string, string>,
  use: (bench: BenchStack, hearer: Hearer, token: string) => Promise<T>,
): Promise<T> => {
  const bench = await startBenchStack(base, { payments });
  const user = await register(bench, 'payer@bench.test', 'CUSTOMER');
  await bench.asOwner((client) => fillPayments(client, user));
  const hearer = await startHearer(bench);
  try {
    return await use(bench, hearer, await tokenOf(bench, user));
  } finally {
    await hearer.stop();
    await bench.end();
  }
};

/** Delays of facts from their row to the end of the listener's transaction, in another process. */
export const measureFacts = async (base: number, options: FactsOptions): Promise<Line[]> => {
  const { quick, quiet, say } = options;
  const seconds = quick ? 5 : 20;
  const created = 'payments.created';
  const completed = 'payments.completed';
  const held = await withStack(base, { PAYMENTS_DRIVER_SLOTS: '0' }, async (bench, hearer, token) => {
    await run(bench, hearer, { token, ratePerS: 200, seconds: 5, factsEach: 1 });
    await quiet.check('facts');
    return run(bench, hearer, { token, ratePerS: RATE_PER_S, seconds, factsEach: 1 });
  });
  const line = lineOf(`facts: created → handled, p99, ${RATE_PER_S}/s`, held, created, true);
  say(`  ${line.measure}: ${line.measured.toFixed(0)} ms (${line.detail}); processor held back`);
  const whole = await withStack(base, {}, async (bench, hearer, token) => {
    await run(bench, hearer, { token, ratePerS: 50, seconds: 5, factsEach: 2 });
    return run(bench, hearer, { token, ratePerS: WHOLE_RATE_PER_S, seconds, factsEach: 2 });
  });
  return [
    line,
    lineOf('facts: with the processor, created → handled, p99', whole, created, false),
    lineOf('facts: with the processor, completed → handled, p99', whole, completed, false),
  ];
};
