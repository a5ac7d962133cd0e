// P1 and P2: throughput and CPU of payments on the stack (gateway → RabbitMQ → payments → PostgreSQL),
// against one bare process.
import { register, tokenOf } from '../system/accounts.ts';
import { median, percentile } from '../system/statistics.ts';
import { startBenchStack, type BenchStack } from './bench-stack.ts';
import { fillPayments, POOL_SIZE, startContender } from './contender-process.ts';
import { contest, loadShare, perRequestUs, perSecond, type Server, type Sums } from './contest.ts';
import type { Quiet } from './machine.ts';
import { createRequest, jobOf } from './payment-jobs.ts';
import { holdEventsBack } from './instances.ts';
import type { Line } from './table.ts';

type DistributedOptions = { quick: boolean; quiet: Quiet; say: (text: string) => void };

const CONNECTIONS = 16;
/**
 * The contender's port above the stack's base: the last of the metrics ports, which a default stack does not
 * use.
 */
const CONTENDER_OFFSET = 79;

/**
 * Payloom's Node processes and RabbitMQ; PostgreSQL and nginx count for neither, Redis is unused with limits
 * off.
 */
const countedOf = async (bench: BenchStack): Promise<Record<string, number>> => {
  const units = await bench.units();
  const counted = units.filter(({ kind, name }) => kind === 'process' || name.startsWith('rabbitmq'));
  return Object.fromEntries(counted.map(({ name, pid }) => [name, pid]));
};

const sharesOf = (sums: Sums): string =>
  Object.entries(sums.cpuUsOf)
    .map(([name, us]) => [name, Math.round(us / sums.requests)] as const)
    .filter(([, us]) => us > 0)
    .map(([name, us]) => `${name} ${us}`)
    .join(', ');

const latencyOf = ({ latenciesMs }: Sums): string =>
  `p50 ${median(latenciesMs).toFixed(1)}, p99 ${percentile(latenciesMs, 0.99).toFixed(1)} ms`;

const linesOf = (way: string, [ours, bare]: readonly [Sums, Sums]): Line[] => [
  {
    measure: `P1 create over ${way}, throughput`,
    goal: 0.75,
    floor: 0.6,
    atLeast: true,
    measured: perSecond(ours) / perSecond(bare),
    unit: '×',
    detail:
      `${perSecond(ours)} against ${perSecond(bare)} a second over ${CONNECTIONS} connections, ` +
      `${latencyOf(ours)} against ${latencyOf(bare)}; ` +
      `load generator at ${loadShare(ours)} and ${loadShare(bare)} % of a core`,
  },
  {
    measure: `P2 create over ${way}, CPU per request`,
    goal: 2.6,
    floor: 3.3,
    measured: perRequestUs(ours) / perRequestUs(bare),
    unit: '×',
    detail:
      `${Math.round(perRequestUs(ours))} against ${Math.round(perRequestUs(bare))} µs ` +
      `(${sharesOf(ours)}); PostgreSQL counts for neither`,
  },
];

/**
 * Throughput and CPU of creating payments, through nginx with TLS and at both gateways; processor and events
 * are held back.
 */
export const measureDistributed = async (base: number, options: DistributedOptions): Promise<Line[]> => {
  const { quick, quiet, say } = options;
  const payments = { PAYMENTS_DRIVER_SLOTS: '0', PAYMENTS_POOL_SIZE: String(POOL_SIZE / 2) };
  const bench = await startBenchStack(base, { payments });
  const user = await register(bench.urls, 'payer@bench.test', 'CUSTOMER');
  await bench.asOwner((client) => fillPayments(client, user));
  const given = { file: 'contender-bare.ts', port: base + CONTENDER_OFFSET };
  const contender = await startContender(bench, user, given);
  try {
    await holdEventsBack(bench);
    const stack: Server = { ports: bench.ports, processes: await countedOf(bench) };
    const token = await tokenOf(bench.urls, user.email);
    await quiet.check('P1 and P2');
    const size = { requests: quick ? 800 : 4_000, connections: CONNECTIONS };
    const job = (ports: readonly number[]) => jobOf(createRequest(token), ports, size);
    const rounds = quick ? 1 : 4;
    const edge = {
      ...stack,
      ports: [Number(new URL(bench.stack.edge).port)],
      authority: bench.stack.authority,
    };
    const through = linesOf('nginx with TLS', await contest([edge, contender], job, rounds));
    const direct = linesOf('the stack', await contest([stack, contender], job, rounds));
    for (const [way, lines] of Object.entries({ 'through nginx': through, 'at the gateways': direct })) {
      const [throughput, cpu] = lines.map(({ measured }) => measured.toFixed(2));
      say(`  ${way}: P1 ${throughput}× throughput, P2 ${cpu}× CPU; events and processor held back`);
    }
    return [...through, ...direct];
  } finally {
    contender.stop();
    await bench.end();
  }
};
