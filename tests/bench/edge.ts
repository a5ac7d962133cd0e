// nginx: its files against a bare nginx that serves the same bytes, and P12, an offer of three times what the
// stack can do.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { argumentsFor, findNginx } from '../../nginx/program.ts';
import { root } from '../../scripts/stack/folder.ts';
import { register, tokenOf } from '../system/accounts.ts';
import { percentile } from '../system/statistics.ts';
import { startBenchStack, type BenchStack } from './bench-stack.ts';
import { contest, perRequestUs, perSecond, type Server } from './contest.ts';
import { endWithBenches, holdEventsBack } from './instances.ts';
import { sendFromOutside, sendSteadilyFromOutside } from './load.ts';
import type { Quiet } from './machine.ts';
import { createRequest, jobOf } from './payment-jobs.ts';
import type { Sample } from './steady-load.ts';
import type { Line } from './table.ts';

type EdgeOptions = { quick: boolean; quiet: Quiet; say: (text: string) => void };

/** An unused metrics port of the stack. */
const BARE_OFFSET = 76;
const CONNECTIONS = 16;
const OFFERED = 3;
/** Offered requests wait in the load generator's connections: more than nginx admits at once. */
const OVERLOAD_CONNECTIONS = 800;
const REFUSED_MS = 20;

const workersOf = (master: number): Record<string, number> => {
  const pids = readFileSync(`/proc/${master}/task/${master}/children`, 'utf8').trim().split(' ').map(Number);
  const workers = pids.filter((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('worker process'),
  );
  return Object.fromEntries(workers.map((pid, at) => [`worker ${at + 1}`, pid]));
};

/** nginx with nothing but TLS and a folder. */
const startBare = async (
  port: number,
  web: string,
  tls: string,
): Promise<Server & { stop(): Promise<void> }> => {
  const folder = mkdtempSync(join(tmpdir(), 'payloom-bare-'));
  mkdirSync(join(folder, 'temp'));
  const config = `
    worker_processes auto;
    pid nginx.pid;
    error_log stderr error;
    events { worker_connections 1024; }
    http {
      access_log off;
      sendfile on;
      keepalive_requests 100000;
      open_file_cache max=100;
      client_body_temp_path temp; proxy_temp_path temp; fastcgi_temp_path temp; uwsgi_temp_path temp;
      scgi_temp_path temp;
      ssl_certificate ${tls}/localhost.crt;
      ssl_certificate_key ${tls}/localhost.key;
      server { listen 127.0.0.1:${port} ssl; root ${web}; }
    }`;
  writeFileSync(join(folder, 'nginx.conf'), config);
  const nginx = spawn(findNginx() ?? 'nginx', argumentsFor(folder), { stdio: 'inherit' });
  const ended = new Promise((resolve) => nginx.once('exit', resolve));
  const stop = async () => {
    nginx.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const cancel = endWithBenches(stop);
  await sleep(1_000);
  return {
    ports: [port],
    authority: join(tls, 'ca.crt'),
    processes: workersOf(nginx.pid as number),
    stop: () => (cancel(), stop()),
  };
};

const edgeOf = async ({ stack, units }: BenchStack): Promise<Server> => {
  const nginx = (await units()).find(({ name }) => name === 'nginx');
  const { authority, edge } = stack;
  return { ports: [Number(new URL(edge).port)], authority, processes: workersOf(nginx?.pid ?? 0) };
};

const measureFiles = async (base: number, edge: Server, { quick }: EdgeOptions): Promise<Line> => {
  const assets = join(root, 'dist/web/assets');
  const name = readdirSync(assets).find((file) => file.startsWith('index-') && file.endsWith('.js')) ?? '';
  const bare = await startBare(base + BARE_OFFSET, join(root, 'dist/web'), join(root, '.payloom/tls'));
  const request = { method: 'GET', path: `/assets/${name}`, token: 'none', expect: 200 } as const;
  const size = { requests: quick ? 4_000 : 20_000, connections: CONNECTIONS };
  try {
    const job = (ports: readonly number[]) => jobOf(request, ports, size);
    const [ours, theirs] = await contest([edge, bare], job, quick ? 1 : 3);
    return {
      measure: 'files of nginx against a bare nginx, requests per CPU time',
      goal: 0.9,
      floor: 0.9,
      atLeast: true,
      measured: perRequestUs(theirs) / perRequestUs(ours),
      unit: '×',
      detail:
        `${perRequestUs(ours).toFixed(0)} against ${perRequestUs(theirs).toFixed(0)} µs, ` +
        `${perSecond(ours)} against ${perSecond(theirs)} a second`,
    };
  } finally {
    await bare.stop();
  }
};

const durationsOf = (samples: readonly Sample[], sentMs: (sample: Sample) => number): number[] =>
  samples.map((sample) => sample.endAtMs - sentMs(sample));

const measureOverload = async (edge: Server, token: string, { quick, say }: EdgeOptions): Promise<Line[]> => {
  const size = { requests: quick ? 1_500 : 6_000, connections: 64 };
  const at = { ports: edge.ports, authority: edge.authority };
  const peakRun = () => sendFromOutside({ ...jobOf(createRequest(token), edge.ports, size), ...at });
  await peakRun();
  const { elapsedMs } = await peakRun();
  const peak = size.requests / (elapsedMs / 1_000);
  say(`  peak ${Math.round(peak)} payments a second; now ${OFFERED} times as many are offered`);
  const durationMs = quick ? 4_000 : 15_000;
  const samples = await sendSteadilyFromOutside({
    ...createRequest(token),
    ...at,
    ratePerS: Math.round(OFFERED * peak),
    durationMs,
    connections: OVERLOAD_CONNECTIONS,
  });
  const good = samples.filter(({ status }) => status === 201);
  const refused = samples.filter(({ status }) => status === 503);
  const lastMs = Math.max(...samples.map(({ endAtMs }) => endAtMs));
  const goodput = good.length / ((lastMs - (samples[0]?.dueAtMs ?? 0)) / 1_000);
  const waits = durationsOf(refused, ({ sentAtMs }) => sentAtMs);
  return [
    {
      measure: 'P12 three times the capacity offered, goodput',
      goal: 0.95,
      floor: 0.8,
      atLeast: true,
      measured: goodput / peak,
      unit: '×',
      detail:
        `${Math.round(goodput)} of ${Math.round(peak)} a second, ${refused.length} refused, ` +
        `${samples.length - good.length - refused.length} other answers`,
    },
    {
      measure: 'P12 a refusal, p50',
      goal: REFUSED_MS,
      floor: null,
      measured: percentile(waits, 0.5),
      unit: 'ms',
      detail: `p99 ${percentile(waits, 0.99).toFixed(0)} ms`,
    },
  ];
};

/** Files and overload, through nginx with TLS. */
export const measureEdge = async (base: number, options: EdgeOptions): Promise<Line[]> => {
  const bench = await startBenchStack(base, { payments: { PAYMENTS_DRIVER_SLOTS: '0' } });
  try {
    const user = await register(bench.urls, 'payer@bench.test', 'CUSTOMER');
    await register(bench.urls, 'vendor7@bench.test', 'VENDOR');
    await holdEventsBack(bench);
    const token = await tokenOf(bench.urls, user.email);
    const edge = await edgeOf(bench);
    await options.quiet.check('files');
    const files = await measureFiles(base, edge, options);
    await options.quiet.check('P12');
    return [files, ...(await measureOverload(edge, token, options))];
  } finally {
    await bench.end();
  }
};
