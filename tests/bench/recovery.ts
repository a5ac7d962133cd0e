// How soon the stack serves again: after a worker was killed, and after RabbitMQ was.
import { createConnection } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { startBenchStack, type BenchStack } from './bench-stack.ts';
import { fillPayments } from './contender-process.ts';
import { openLane, type Request } from './load.ts';
import type { Quiet } from './machine.ts';
import { createRequest, listRequest } from './payment-jobs.ts';
import { register, tokenOf } from './payloom.ts';
import { sendSteadily, type Sample } from './steady-load.ts';
import { median, type Line } from './table.ts';

export type RecoveryOptions = { quick: boolean; quiet: Quiet; say: (text: string) => void };

const RUNS = 20;
const RATE_PER_S = 50;
const CONNECTIONS = 16;
const RETRY_AFTER_MS = 200;
/** An answer later than this had to wait for the fault to be noticed. */
const LATE_MS = 250;
const BEFORE_MS = 500;
const AFTER_MS = 2_000;
const LIMIT_MS = 60_000;
/** So many answers in a row, and a gateway is back. */
const ANSWERS = 5;

const nowMs = (): number => performance.timeOrigin + performance.now();

const until = async (what: string, done: () => Promise<boolean>, pollMs = 20): Promise<void> => {
  const endMs = performance.now() + LIMIT_MS;
  while (!(await done().catch(() => false))) {
    if (performance.now() > endMs) throw new Error(`${what} did not happen within a minute`);
    await wait(pollMs);
  }
};

const unitOf = async ({ units }: BenchStack, name: string) =>
  (await units()).find((one) => one.name === name);

/** The program runs anew and is ready. */
const isBack = async (bench: BenchStack, name: string, oldPid: number): Promise<boolean> => {
  const unit = await unitOf(bench, name);
  return unit !== undefined && unit.pid !== oldPid && unit.state === 'ready';
};

type Outcome = { recoveryMs: number; failed: number; retried: number };

const outcomeOf = (samples: readonly Sample[], killedAtMs: number, expected: number): Outcome => {
  const hit = samples.filter(
    ({ dueAtMs, endAtMs, firstStatus }) =>
      endAtMs >= killedAtMs && (firstStatus !== expected || endAtMs - dueAtMs > LATE_MS),
  );
  return {
    recoveryMs: Math.max(0, ...hit.map(({ endAtMs }) => endAtMs - killedAtMs)),
    failed: samples.filter(({ status }) => status !== expected).length,
    retried: samples.filter(({ firstStatus }) => firstStatus !== expected).length,
  };
};

/** Kills one payments worker under load; its recovery is the end of the last answer that was hit. */
const killWorker = async (bench: BenchStack, token: string, worker: string): Promise<Outcome> => {
  const request = createRequest(token);
  const steady = { ...request, ports: bench.ports, ratePerS: RATE_PER_S, connections: CONNECTIONS };
  const durationMs = BEFORE_MS + AFTER_MS;
  const sending = sendSteadily({ ...steady, durationMs, retryAfterMs: RETRY_AFTER_MS });
  await wait(BEFORE_MS);
  const unit = await unitOf(bench, worker);
  if (!unit) throw new Error(`${worker} does not run`);
  const killedAtMs = nowMs();
  process.kill(unit.pid, 'SIGKILL');
  const samples = await sending;
  await until(`${worker}'s return`, () => isBack(bench, worker, unit.pid), 100);
  return outcomeOf(samples, killedAtMs, request.expect);
};

const AMQP_HEADER = Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1]);

/** RabbitMQ is up when it answers the first bytes of its protocol. */
const answersAmqp = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port, timeout: 500 }, () =>
      socket.write(AMQP_HEADER),
    );
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', () => end(true));
    for (const failure of ['error', 'timeout', 'close'] as const) socket.once(failure, () => end(false));
  });

/** When the first of so many answers in a row came from this gateway. */
const answersAgain = async (port: number, requests: readonly Request[]): Promise<number> => {
  const lane = await openLane(port);
  let [row, sinceMs, index] = [0, 0, 0];
  await until(`an answer from port ${port}`, async () => {
    const request = requests[index++ % requests.length] as Request;
    const { status } = await lane.ask(request, index);
    row = status === request.expect ? row + 1 : 0;
    if (row === 1) sinceMs = nowMs();
    return row >= ANSWERS;
  });
  lane.close();
  return sinceMs;
};

/** Kills RabbitMQ; its recovery is the time from its being up again until both gateways answer. */
const killRabbit = async (bench: BenchStack, token: string): Promise<Outcome> => {
  const unit = await unitOf(bench, 'rabbitmq-1');
  if (!unit) throw new Error('rabbitmq-1 does not run');
  const port = Number(new URL(bench.stack.env['RABBITMQ_URL'] ?? '').port);
  process.kill(unit.pid, 'SIGKILL');
  await until("RabbitMQ's end", async () => !(await answersAmqp(port)), 5);
  await until("RabbitMQ's return", () => answersAmqp(port), 10);
  const upAtMs = nowMs();
  const requests = [createRequest(token), listRequest(token)];
  const backAtMs = await Promise.all(bench.ports.map((gateway) => answersAgain(gateway, requests)));
  const processes = ['gateway-1', 'gateway-2', 'payments-1', 'payments-2', 'auth-1'];
  await until('readiness', async () => {
    const units = await bench.units();
    return processes.every((name) => units.some((one) => one.name === name && one.state === 'ready'));
  });
  return { recoveryMs: Math.max(...backAtMs) - upAtMs, failed: 0, retried: 0 };
};

const lineOf = (measure: string, outcomes: readonly Outcome[], goalS: number, about: string): Line => {
  const times = outcomes.map(({ recoveryMs }) => recoveryMs / 1_000);
  const failed = outcomes.reduce((sum, one) => sum + one.failed, 0);
  const retried = outcomes.reduce((sum, one) => sum + one.retried, 0);
  return {
    measure,
    goal: goalS,
    floor: null,
    // A request that failed for good is no recovery, however quick the others were.
    measured: failed > 0 ? Number.POSITIVE_INFINITY : Math.max(...times),
    unit: 's',
    detail:
      `longest of ${times.length} runs, median ${median(times).toFixed(2)} s, ` +
      `${failed} failed, ${retried} needed their one retry; ${about}`,
  };
};

/** Kills a worker, then RabbitMQ, so many times each. */
export const measureRecovery = async (base: number, options: RecoveryOptions): Promise<Line[]> => {
  const { quick, quiet, say } = options;
  const runs = quick ? 3 : RUNS;
  const bench = await startBenchStack(base);
  try {
    const user = await register(bench, 'payer@bench.test', 'CUSTOMER');
    await bench.asOwner((client) => fillPayments(client, user));
    await quiet.check('recovery');
    const times = async (name: string, work: (token: string, run: number) => Promise<Outcome>) => {
      const outcomes: Outcome[] = [];
      for (let run = 0; run < runs; run++) {
        const outcome = await work(await tokenOf(bench, user), run);
        say(`  ${name}, run ${run + 1}: ${Math.round(outcome.recoveryMs)} ms, ${outcome.failed} failed`);
        outcomes.push(outcome);
      }
      return outcomes;
    };
    const worker = await times('worker killed', (token, run) =>
      killWorker(bench, token, `payments-${1 + (run % 2)}`),
    );
    const rabbit = await times('RabbitMQ killed', (token) => killRabbit(bench, token));
    const late = `until the last answer that failed or was later than ${LATE_MS} ms`;
    const load = `${RATE_PER_S} payments a second; ${late}`;
    return [
      lineOf('recovery: payments worker killed', worker, 1, load),
      lineOf('recovery: RabbitMQ is up → served', rabbit, 2, 'until both gateways pay and list'),
    ];
  } finally {
    await bench.end();
  }
};
