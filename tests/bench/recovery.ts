// How soon the stack serves again after a kill of a payments process, and of RabbitMQ.
import { setTimeout as sleep } from 'node:timers/promises';
import { portAnswers } from '../../scripts/stack/spawn-unit.ts';
import { register, tokenOf } from '../system/accounts.ts';
import { median } from '../system/statistics.ts';
import { until } from '../system/timing.ts';
import { startBenchStack, type BenchStack } from './bench-stack.ts';
import { fillPayments } from './contender-process.ts';
import { openConnection, type Request } from './load.ts';
import type { Quiet } from './machine.ts';
import { createRequest, listRequest } from './payment-jobs.ts';
import { sendSteadily, type Sample } from './steady-load.ts';
import type { Line } from './table.ts';

type RecoveryOptions = { quick: boolean; quiet: Quiet; say: (text: string) => void };

const RUNS = 20;
const RATE_PER_S = 50;
const CONNECTIONS = 16;
const RETRY_AFTER_MS = 200;
/** A response later than this was delayed by the fault. */
const LATE_MS = 250;
const BEFORE_MS = 500;
const AFTER_MS = 2_000;
const LIMIT_MS = 60_000;
/** A gateway is back after this number of good responses in a row. */
const ANSWERS = 5;

const nowMs = (): number => performance.timeOrigin + performance.now();

/** Like `until`; an error of the condition, such as a lost connection, counts as false. */
const eventually = (what: string, isSo: () => Promise<boolean>, pollMs?: number): Promise<number> =>
  until(what, LIMIT_MS, () => isSo().catch(() => false), pollMs);

const unitOf = async ({ units }: BenchStack, name: string) =>
  (await units()).find((one) => one.name === name);

/** Whether a unit was restarted and is ready. */
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

/**
 * Kills one payments process under load; the recovery ends with the last response that failed or was late.
 */
const killWorker = async (bench: BenchStack, token: string, worker: string): Promise<Outcome> => {
  const request = createRequest(token);
  const steady = { ...request, ports: bench.ports, ratePerS: RATE_PER_S, connections: CONNECTIONS };
  const durationMs = BEFORE_MS + AFTER_MS;
  const sending = sendSteadily({ ...steady, durationMs, retryAfterMs: RETRY_AFTER_MS });
  await sleep(BEFORE_MS);
  const unit = await unitOf(bench, worker);
  if (!unit) throw new Error(`${worker} does not run`);
  const killedAtMs = nowMs();
  process.kill(unit.pid, 'SIGKILL');
  const samples = await sending;
  await eventually(`${worker}'s return`, () => isBack(bench, worker, unit.pid), 100);
  return outcomeOf(samples, killedAtMs, request.expect);
};

const AMQP_HEADER = Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1]);

/** Whether RabbitMQ answers the header of its protocol. */
const answersAmqp = (port: number): Promise<boolean> => portAnswers(port, AMQP_HEADER, null);

/** Waits until a gateway is back. @returns the time of its first good response */
const answersAgain = async (port: number, requests: readonly Request[]): Promise<number> => {
  const connection = await openConnection(port);
  let [row, sinceMs, index] = [0, 0, 0];
  await eventually(`an answer from port ${port}`, async () => {
    const request = requests[index++ % requests.length] as Request;
    const { status } = await connection.request(request, index);
    row = status === request.expect ? row + 1 : 0;
    if (row === 1) sinceMs = nowMs();
    return row >= ANSWERS;
  });
  connection.close();
  return sinceMs;
};

/** Kills RabbitMQ; the recovery is the time from its being up again until both gateways answer. */
const killRabbit = async (bench: BenchStack, token: string): Promise<Outcome> => {
  const unit = await unitOf(bench, 'rabbitmq-1');
  if (!unit) throw new Error('rabbitmq-1 does not run');
  const port = Number(new URL(bench.stack.env['RABBITMQ_URL'] ?? '').port);
  process.kill(unit.pid, 'SIGKILL');
  await eventually("RabbitMQ's end", async () => !(await answersAmqp(port)), 5);
  await eventually("RabbitMQ's return", () => answersAmqp(port), 10);
  const upAtMs = nowMs();
  const requests = [createRequest(token), listRequest(token)];
  const backAtMs = await Promise.all(bench.ports.map((gateway) => answersAgain(gateway, requests)));
  const processes = ['gateway-1', 'gateway-2', 'payments-1', 'payments-2', 'auth-1'];
  await eventually('readiness', async () => {
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
    // A request that failed for good means no recovery.
    measured: failed > 0 ? Number.POSITIVE_INFINITY : Math.max(...times),
    unit: 's',
    detail:
      `longest of ${times.length} runs, median ${median(times).toFixed(2)} s, ` +
      `${failed} failed, ${retried} needed their one retry; ${about}`,
  };
};

/** Kills a payments process, then RabbitMQ, 20 times each. */
export const measureRecovery = async (base: number, options: RecoveryOptions): Promise<Line[]> => {
  const { quick, quiet, say } = options;
  const runs = quick ? 3 : RUNS;
  const bench = await startBenchStack(base);
  try {
    const user = await register(bench.urls, 'payer@bench.test', 'CUSTOMER');
    await bench.asOwner((client) => fillPayments(client, user));
    await quiet.check('recovery');
    const times = async (name: string, work: (token: string, run: number) => Promise<Outcome>) => {
      const outcomes: Outcome[] = [];
      for (let run = 0; run < runs; run++) {
        const outcome = await work(await tokenOf(bench.urls, user.email), run);
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
