// P3: CPU of a payment and of a list in the embedded process, against one Fastify process on the same
// PostgreSQL.
import { setTimeout as sleep } from 'node:timers/promises';
import { register, tokenOf } from '../system/accounts.ts';
import { median } from '../system/statistics.ts';
import { fillPayments, startContender } from './contender-process.ts';
import { contest, loadShare, perRequestUs, perSecond, type Server, type Sums } from './contest.ts';
import { sendFromOutside } from './load.ts';
import { cpuUs, type Quiet } from './machine.ts';
import { createRequest, jobOf, listRequest } from './payment-jobs.ts';
import { BENCH_ENV, holdEventsBack, makeFolder, startInstance } from './instances.ts';
import type { Line } from './table.ts';

const CONNECTIONS = 8;

type CreateOptions = { quick: boolean; quiet: Quiet; say: (text: string) => void };

const GOALS = { create: 1.1, list: 1.15 } as const;

const linesOf = (name: keyof typeof GOALS, [ours, theirs]: readonly [Sums, Sums]): Line[] => {
  const us = [perRequestUs(ours), perRequestUs(theirs)].map(Math.round);
  return [
    {
      measure: `P3 ${name}, CPU per request`,
      goal: GOALS[name],
      floor: 1.25,
      measured: perRequestUs(ours) / perRequestUs(theirs),
      unit: '×',
      detail: `${us[0]} against ${us[1]} µs, PostgreSQL counts for neither`,
    },
    {
      measure: `P3 ${name}, throughput`,
      goal: null,
      floor: null,
      measured: perSecond(ours) / perSecond(theirs),
      unit: '×',
      detail:
        `${perSecond(ours)} against ${perSecond(theirs)} a second over ${CONNECTIONS} connections, ` +
        `p50 ${median(ours.latenciesMs).toFixed(1)} against ${median(theirs.latenciesMs).toFixed(1)} ms; ` +
        `load generator at ${loadShare(ours)} and ${loadShare(theirs)} % of a core`,
    },
  ];
};

/**
 * CPU time of payments from POST to `completed`; the processor sandbox runs in the same process and is
 * included.
 */
const measureWhole = async (port: number, { quick }: CreateOptions): Promise<Line> => {
  const instance = await startInstance({ port, dataFolder: makeFolder(), env: BENCH_ENV });
  const payer = await register(instance.urls, 'payer@bench.test', 'CUSTOMER');
  await register(instance.urls, 'vendor7@bench.test', 'VENDOR');
  const token = await tokenOf(instance.urls, payer.email);
  const open = (): Promise<number> =>
    instance.asOwner(async (client) => {
      const { rows } = await client.query<{ open: number }>(
        `select count(*)::int as open from payments where status <> 'completed'`,
      );
      return rows[0]?.open ?? 0;
    });
  const run = async (requests: number): Promise<number> => {
    const beforeUs = cpuUs(instance.pid);
    await sendFromOutside(jobOf(createRequest(token), [port], { requests, connections: 2 }));
    const endMs = performance.now() + 120_000;
    while ((await open()) > 0 && performance.now() < endMs) await sleep(100);
    if ((await open()) > 0) throw new Error('some payments did not complete');
    return (cpuUs(instance.pid) - beforeUs) / requests;
  };
  await run(200);
  const perPaymentUs = await run(quick ? 200 : 1_000);
  await instance.stop();
  return {
    measure: 'P3 one payment from POST to completed, CPU',
    goal: null,
    floor: null,
    measured: perPaymentUs / 1_000,
    unit: '',
    detail: 'ms of our Node process, in which the processor sandbox runs as well; driver and relay on',
  };
};

/** CPU per request against the contender, for creating and for listing; then one payment to its end. */
export const measureCreateAndList = async (port: number, options: CreateOptions): Promise<Line[]> => {
  const { quick, quiet, say } = options;
  const env = { ...BENCH_ENV, PAYMENTS_DRIVER_SLOTS: '0' };
  const instance = await startInstance({ port, dataFolder: makeFolder(), env });
  const user = await register(instance.urls, 'payer@bench.test', 'CUSTOMER');
  await instance.asOwner((client) => fillPayments(client, user));
  const contender = await startContender(instance, user, { file: 'contender.ts', port: port + 1 });
  await holdEventsBack(instance);
  const payloom: Server = { ports: [instance.port], processes: { payloom: instance.pid } };
  const servers = [payloom, contender] as const;
  const size = { requests: quick ? 500 : 3_000, connections: CONNECTIONS };
  try {
    const lines: Line[] = [];
    const rounds = quick ? 1 : 4;
    let token = await tokenOf(instance.urls, user.email);
    await quiet.check('P3 list');
    const listJob = (ports: readonly number[]) => jobOf(listRequest(token), ports, size);
    lines.push(...linesOf('list', await contest(servers, listJob, rounds)));
    say(`  P3 list: ${lines[0]?.measured.toFixed(2)}× CPU`);
    token = await tokenOf(instance.urls, user.email);
    await quiet.check('P3 create');
    const createJob = (ports: readonly number[]) => jobOf(createRequest(token), ports, size);
    lines.unshift(...linesOf('create', await contest(servers, createJob, rounds)));
    say(`  P3 create: ${lines[0]?.measured.toFixed(2)}× CPU; events and processor held back for both`);
    contender.stop();
    await instance.stop();
    return [...lines, await measureWhole(port + 100, options)];
  } finally {
    contender.stop();
  }
};
