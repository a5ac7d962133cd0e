// What traces and log lines of requests cost: CPU per request of instances that differ in that alone.
import { startOtlpReceiver } from '../system/otlp-receiver.ts';
import { register, tokenOf } from '../system/accounts.ts';
import { contest, perRequestUs, type Server, type Sums } from './contest.ts';
import { BENCH_ENV, endWithBenches, holdEventsBack, makeFolder, startInstance } from './instances.ts';
import { rssMb, type Quiet } from './machine.ts';
import { createRequest, jobOf, listRequest } from './payment-jobs.ts';
import type { Line } from './table.ts';

const CONNECTIONS = 8;
/** One instance serves in both comparisons: without these it would be the warmer one in the second. */
const WARM_UPS = 6;

type Options = { quick: boolean; quiet: Quiet };

/** An instance with a payer and a vendor, whose events and operations wait. */
const startWith = async (port: number, env: Record<string, string>) => {
  const all = { ...BENCH_ENV, PAYMENTS_DRIVER_SLOTS: '0', ...env };
  const instance = await startInstance({ port, dataFolder: makeFolder(), env: all });
  const user = await register(instance.urls, 'payer@bench.test', 'CUSTOMER');
  await register(instance.urls, 'vendor7@bench.test', 'VENDOR');
  await holdEventsBack(instance);
  const server: Server = { ports: [instance.port], processes: { payloom: instance.pid } };
  return { instance, server, token: () => tokenOf(instance.urls, user.email) };
};
type Started = Awaited<ReturnType<typeof startWith>>;

const lineOf = (measure: string, goal: number | null, [more, less]: readonly [Sums, Sums]): Line => {
  const us = [more, less].map((sums) => Math.round(perRequestUs(sums)));
  return {
    measure,
    goal,
    floor: null,
    measured: perRequestUs(more) / perRequestUs(less),
    unit: '×',
    detail: `${us[0]} against ${us[1]} µs of CPU per request`,
  };
};

/** Creating and listing at one instance against another, in turns. */
const compare = async (
  what: string,
  goal: number | null,
  [more, less]: readonly [Started, Started],
  { quick, quiet }: Options,
): Promise<Line[]> => {
  const size = { requests: quick ? 1_000 : 3_000, connections: CONNECTIONS };
  const rounds = quick ? 1 : 4;
  const lines: Line[] = [];
  for (const [name, requestOf] of [
    ['create', createRequest],
    ['list', listRequest],
  ] as const) {
    await quiet.check(`${what}, ${name}`);
    const tokens = new Map([
      [more.instance.port, await more.token()],
      [less.instance.port, await less.token()],
    ]);
    const job = (ports: readonly number[]) => jobOf(requestOf(tokens.get(ports[0] ?? 0) ?? ''), ports, size);
    const sums = await contest([more.server, less.server], job, rounds, WARM_UPS);
    lines.push(lineOf(`${what}, ${name}`, goal, sums));
  }
  return lines;
};

/** Traces at 1 % against none, and lines for requests against none. */
export const measureTelemetry = async (port: number, options: Options): Promise<Line[]> => {
  const receiver = await startOtlpReceiver();
  endWithBenches(receiver.close);
  const quietEnv = { LOG_LEVEL: 'warn' };
  const traced = await startWith(port, {
    ...quietEnv,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: receiver.url,
    OTEL_TRACES_SAMPLER_ARG: '0.01',
  });
  const plain = await startWith(port + 100, quietEnv);
  const logging = await startWith(port + 200, { LOG_LEVEL: 'info' });
  const addedMb = rssMb(traced.instance.pid) - rssMb(plain.instance.pid);
  const lines = [
    ...(await compare('traces at 1 %', 1.05, [traced, plain], options)),
    ...(await compare('a log line for each request', null, [logging, plain], options)),
  ];
  const addedMs = traced.instance.startMs - plain.instance.startMs;
  for (const { instance } of [traced, plain, logging]) await instance.stop();
  await receiver.close();
  const detail = `${Math.round(addedMs)} ms at the start; ${receiver.spans.length} spans arrived`;
  const memory = { goal: null, floor: null, measured: addedMb, unit: 'MB', detail } as const;
  return [...lines, { measure: 'memory of traces', ...memory }];
};
