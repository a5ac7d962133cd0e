// The delay of an event to its handling in another process, while payments are created at a steady rate.
import { setTimeout as sleep } from 'node:timers/promises';
import { register, tokenOf } from '../system/accounts.ts';
import { median, percentile } from '../system/statistics.ts';
import { startBenchStack, type BenchStack } from './bench-stack.ts';
import { fillPayments } from './contender-process.ts';
import type { Handled } from './subscriber.service.ts';
import { startSubscriber, type Subscriber } from './subscriber-process.ts';
import { sendSteadilyFromOutside } from './load.ts';
import type { Quiet } from './machine.ts';
import { createRequest } from './payment-jobs.ts';
import { checkAll, latenciesOf, type Sample } from './steady-load.ts';
import type { Line } from './table.ts';

type EventsOptions = { quick: boolean; quiet: Quiet; say: (text: string) => void };

const RATE_PER_S = 500;
/** The rate that two cores manage when every payment also goes through the processor sandbox. */
const WHOLE_RATE_PER_S = 100;
const CONNECTIONS = 64;
const HANDLE_LIMIT_MS = 30_000;

/** Waits until `count` events were handled. */
const takeHandled = async (subscriber: Subscriber, count: number): Promise<Handled[]> => {
  const endMs = performance.now() + HANDLE_LIMIT_MS;
  const all: Handled[] = [];
  while (all.length < count && performance.now() < endMs) {
    await sleep(100);
    all.push(...(await subscriber.take()));
  }
  if (all.length < count) throw new Error(`of ${count} events only ${all.length} were handled in time`);
  return all;
};

type Run = { samples: Sample[]; delaysMs: Map<string, number[]> };

/** Creates payments at a rate and waits until their events were handled. */
const run = async (
  bench: BenchStack,
  subscriber: Subscriber,
  given: { token: string; ratePerS: number; seconds: number; eventsEach: number },
): Promise<Run> => {
  const { token, ratePerS, seconds, eventsEach } = given;
  await subscriber.take();
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
  for (const { event, delayMs } of await takeHandled(subscriber, samples.length * eventsEach)) {
    const known = delaysMs.get(event);
    if (known) known.push(delayMs);
    else delaysMs.set(event, [delayMs]);
  }
  return { samples, delaysMs };
};

/** Payments answered per second; below the wanted rate when the machine is too slow. */
const rateOf = (samples: readonly Sample[]): number => {
  const startMs = samples[0]?.dueAtMs ?? 0;
  const endMs = Math.max(...samples.map(({ endAtMs }) => endAtMs));
  return Math.round(samples.length / ((endMs - startMs) / 1_000));
};

const lineOf = (name: string, { samples, delaysMs }: Run, event: string, judged: boolean): Line => {
  const delays = delaysMs.get(event) ?? [];
  const latencies = latenciesOf(samples);
  const ms = (value: number) => value.toFixed(0);
  return {
    measure: name,
    goal: judged ? 50 : null,
    floor: null,
    measured: percentile(delays, 0.99),
    unit: 'ms',
    detail:
      `${delays.length} events at ${rateOf(samples)} payments a second, p50 ${ms(median(delays))}, ` +
      `max ${ms(Math.max(...delays))} ms from before the commit until after the subscriber's; ` +
      `API p50 ${ms(median(latencies))}, p99 ${ms(percentile(latencies, 0.99))} ms`,
  };
};

const withStack = async <T>(
  base: number,
  payments: Record<string, string>,
  use: (bench: BenchStack, subscriber: Subscriber, token: string) => Promise<T>,
): Promise<T> => {
  const bench = await startBenchStack(base, { payments });
  const user = await register(bench.urls, 'payer@bench.test', 'CUSTOMER');
  await bench.asOwner((client) => fillPayments(client, user));
  const subscriber = await startSubscriber(bench);
  try {
    return await use(bench, subscriber, await tokenOf(bench.urls, user.email));
  } finally {
    await subscriber.stop();
    await bench.end();
  }
};

/** Delays of events from their outbox row to the end of the subscriber's transaction in another process. */
export const measureEvents = async (base: number, options: EventsOptions): Promise<Line[]> => {
  const { quick, quiet, say } = options;
  const seconds = quick ? 5 : 20;
  const created = 'payments.created';
  const completed = 'payments.completed';
  const held = await withStack(base, { PAYMENTS_DRIVER_SLOTS: '0' }, async (bench, subscriber, token) => {
    await run(bench, subscriber, { token, ratePerS: 200, seconds: 5, eventsEach: 1 });
    await quiet.check('events');
    return run(bench, subscriber, { token, ratePerS: RATE_PER_S, seconds, eventsEach: 1 });
  });
  const line = lineOf(`events: created → handled, p99, ${RATE_PER_S}/s`, held, created, true);
  say(`  ${line.measure}: ${line.measured.toFixed(0)} ms (${line.detail}); processor held back`);
  const whole = await withStack(base, {}, async (bench, subscriber, token) => {
    await run(bench, subscriber, { token, ratePerS: 50, seconds: 5, eventsEach: 2 });
    return run(bench, subscriber, { token, ratePerS: WHOLE_RATE_PER_S, seconds, eventsEach: 2 });
  });
  return [
    line,
    lineOf('events: with the processor, created → handled, p99', whole, created, false),
    lineOf('events: with the processor, completed → handled, p99', whole, completed, false),
  ];
};
