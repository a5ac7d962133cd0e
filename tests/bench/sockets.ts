// P6: the delay from the commit of a payment's transition to the other party's socket, with many other
// sockets connected; and the memory of a socket.
import { setTimeout as sleep } from 'node:timers/promises';
import { logFileOf } from '../../scripts/stack/folder.ts';
import { realtime } from '../../shared/contracts/realtime.ts';
import { type Person, register, tokenOf } from '../system/accounts.ts';
import { median, percentile } from '../system/statistics.ts';
import { LIMITS_OFF, startBenchStack, type BenchStack } from './bench-stack.ts';
import { collectGarbage, DEBUGGER_ANYWHERE } from './collect-garbage.ts';
import { startCrowd, type Crowd, type Received } from './crowd.ts';
import { rssMb, type Quiet } from './machine.ts';
import { createRequest } from './payment-jobs.ts';
import { checkAll, latenciesOf, sendSteadily, type Sample } from './steady-load.ts';
import type { Line } from './table.ts';

export type SocketOptions = { quick: boolean; quiet: Quiet; say: (text: string) => void };

export const OTHERS = 1_000;
const OTHER_PEOPLE = 100;
const PER_SECOND = 40;
const PARTIES = 5;
const RATE_PER_S = 20;
/** Processes that have just started are slower until V8 has compiled what is hot. */
const WARM_UP_S = 30;
const DELIVERY_LIMIT_MS = 15_000;
/** Opened, authorized, captured. */
const STEPS = 3;

const SMALL_PROCESS = '--max-semi-space-size=4 --v8-pool-size=1';

/** The default stack without a limit of sockets per address. */
export const startSocketStack = (
  base: number,
  gateway: Record<string, string> = LIMITS_OFF,
): Promise<BenchStack> =>
  startBenchStack(base, {
    '*': { NODE_OPTIONS: `${SMALL_PROCESS} ${DEBUGGER_ANYWHERE}` },
    auth: { AUTH_LOCKOUT_OFF: 'true', TEST_SYSTEM: 'true' },
    gateway,
    realtime: { REALTIME_SOCKETS_PER_ADDRESS: '10000' },
  });

/** Registers people of a role, with fresh access tokens. */
export const makePeople = async (
  bench: BenchStack,
  label: string,
  role: 'CUSTOMER' | 'VENDOR',
  count: number,
): Promise<(Person & { token: string })[]> => {
  const people: (Person & { token: string })[] = [];
  for (let index = 0; index < count; index++) {
    const person = await register(bench.urls, `${label}${index}@bench.test`, role);
    people.push({ ...person, token: await tokenOf(bench.urls, person.email) });
  }
  return people;
};

export const endpointsOf = ({ stack, url }: BenchStack) => ({ urls: stack.gateways, origin: url });

/** Resident megabytes of a service's processes after garbage collection. */
const memoryOf = async (bench: BenchStack, service: string): Promise<number> => {
  let sum = 0;
  for (const { name, pid } of (await bench.units()).filter((unit) => unit.service === service)) {
    await collectGarbage({ pid, logFile: logFileOf(bench.stack.folder, name) });
    sum += rssMb(pid);
  }
  return sum;
};

type Weight = Record<'realtime' | 'gateway', number>;

const weigh = async (bench: BenchStack): Promise<Weight> => ({
  realtime: await memoryOf(bench, 'realtime'),
  gateway: await memoryOf(bench, 'gateway'),
});

const weightLine = (service: keyof Weight, [half, full]: readonly [Weight, Weight], count: number): Line => ({
  measure: `sockets: memory of one, ${service}`,
  goal: 60,
  floor: null,
  measured: ((full[service] - half[service]) * 1_024) / (count / 2),
  unit: 'KB',
  detail:
    `resident, after garbage collection: ${half[service].toFixed(1)} MB with ${count / 2} sockets, ` +
    `${full[service].toFixed(1)} MB with ${count}`,
});

/** Opens sockets of uninvolved people, distributed evenly over these processes. */
export const openOthers = async (
  bench: BenchStack,
  crowds: readonly Crowd[],
  count: number,
  afterEach: () => Promise<void> = async () => undefined,
): Promise<void> => {
  const people = await makePeople(bench, 'other', 'CUSTOMER', OTHER_PEOPLE);
  const accessTokens = people.map(({ token }) => token);
  for (const crowd of crowds) {
    const size = { accessTokens, count: count / crowds.length, perSecond: PER_SECOND, records: false };
    await crowd.open({ ...endpointsOf(bench), ...size });
    await afterEach();
  }
};

/** @throws Error when one of these sockets was lost */
export const assertOthersConnected = async (crowds: readonly Crowd[]): Promise<void> => {
  const lost = await Promise.all(crowds.map(async (crowd) => (await crowd.take()).lost));
  const sum = lost.reduce((total, one) => total + one, 0);
  if (sum > 0) throw new Error(`${sum} of the other sockets were lost`);
};

type Parties = { payers: (Person & { token: string })[]; payees: (Person & { token: string })[] };

const makeParties = async (bench: BenchStack, label: string): Promise<Parties> => ({
  payers: await makePeople(bench, `${label}-payer`, 'CUSTOMER', PARTIES),
  payees: await makePeople(bench, `${label}-payee`, 'VENDOR', PARTIES),
});

/** Payments at a steady rate, from each payer to its own payee. */
const payAll = async (bench: BenchStack, { payers, payees }: Parties, seconds: number) => {
  const sending = payers.map(async ({ token }, at) => {
    const body = JSON.stringify({
      payee: { email: payees[at]?.email },
      amountMinor: 12_345,
      currency: 'EUR',
      paymentMethod: 'pm_card_visa',
    });
    const request = { ...createRequest(token), body, ports: bench.ports, connections: 4 };
    const samples = await sendSteadily({
      ...request,
      ratePerS: RATE_PER_S / payers.length,
      durationMs: seconds * 1_000,
    });
    checkAll(samples, request.expect);
    return samples;
  });
  return (await Promise.all(sending)).flat();
};

type Step = { key: string; at: Date };

/**
 * The time of each transition of these payers' payments, just before its commit, by `<payment id> <version>`.
 */
export const stepsOf = async (bench: BenchStack, payers: readonly Person[]): Promise<Map<string, number>> => {
  const { rows } = await bench.asOwner((client) =>
    client.query<Step>(
      `select id || ' 1' as key, created_at as at from payments where payer_id = any($1)
       union all
       select e.payment_id || ' ' || e.version, e.at from payment_history e
       join payments p on p.id = e.payment_id where p.payer_id = any($1)`,
      [payers.map(({ id }) => id)],
    ),
  );
  return new Map(rows.map(({ key, at }) => [key, at.getTime()]));
};

/** Waits until the payees' sockets have received `count` transitions. @returns the delay of each */
const delaysOf = async (crowd: Crowd, count: number, steps: () => Promise<Map<string, number>>) => {
  const delays = new Map<string, number>();
  const received: Received[] = [];
  for (const endMs = performance.now() + DELIVERY_LIMIT_MS; performance.now() < endMs; await sleep(500)) {
    received.push(...(await crowd.take()).received);
    const committed = await steps();
    for (const { name, payload, atMs } of received) {
      if (name !== realtime.messages.paymentChanged.name) continue;
      const { id, version } = payload as { id: string; version: number };
      const key = `${id} ${version}`;
      const at = committed.get(key);
      if (at !== undefined && !delays.has(key)) delays.set(key, atMs - at);
    }
    if (delays.size === count) return [...delays.values()];
  }
  throw new Error(`of ${count} transitions ${delays.size} were received`);
};

/** Makes payments and measures the delay of their transitions to the payees' sockets. */
const measureDelays = async (
  bench: BenchStack,
  quick: boolean,
): Promise<{ delays: number[]; samples: Sample[] }> => {
  await payAll(bench, await makeParties(bench, 'warm'), quick ? WARM_UP_S / 5 : WARM_UP_S);
  const { payers, payees } = await makeParties(bench, 'judged');
  const crowd = startCrowd();
  try {
    const accessTokens = payees.map(({ token }) => token);
    const endpoints = endpointsOf(bench);
    await crowd.open({ ...endpoints, accessTokens, count: PARTIES, perSecond: PER_SECOND, records: true });
    const samples = await payAll(bench, { payers, payees }, quick ? 10 : 60);
    const delays = await delaysOf(crowd, STEPS * samples.length, () => stepsOf(bench, payers));
    return { delays, samples };
  } finally {
    crowd.end();
  }
};

const delayLine = (delays: readonly number[], samples: readonly Sample[], sockets: number): Line => {
  const latencies = latenciesOf(samples);
  return {
    measure: "P6 committed → other party's socket, p99",
    goal: 100,
    floor: 250,
    measured: percentile(delays, 0.99),
    unit: 'ms',
    detail:
      `${delays.length} transitions of ${samples.length} payments at ${RATE_PER_S} a second, ` +
      `${sockets} other sockets: ` +
      `p50 ${median(delays).toFixed(0)}, p95 ${percentile(delays, 0.95).toFixed(0)}, max ` +
      `${Math.max(...delays).toFixed(0)} ms ` +
      `from before the commit; API p50 ${median(latencies).toFixed(0)}, p99 ` +
      `${percentile(latencies, 0.99).toFixed(0)} ms`,
  };
};

/** P6 and the memory of a socket, on one stack. */
export const measureSockets = async (base: number, options: SocketOptions): Promise<Line[]> => {
  const { quick, quiet, say } = options;
  const count = quick ? OTHERS / 5 : OTHERS;
  const bench = await startSocketStack(base);
  const crowds = [startCrowd(), startCrowd()];
  try {
    const weights: Weight[] = [];
    await openOthers(bench, crowds, count, async () => void weights.push(await weigh(bench)));
    await quiet.check('P6');
    const { delays, samples } = await measureDelays(bench, quick);
    await assertOthersConnected(crowds);
    const pair = [weights[0], weights[1]] as [Weight, Weight];
    const line = delayLine(delays, samples, count);
    say(`  P6: ${line.measured.toFixed(0)} ms (${line.detail})`);
    return [line, weightLine('realtime', pair, count), weightLine('gateway', pair, count)];
  } finally {
    for (const crowd of crowds) crowd.end();
    await bench.end();
  }
};
