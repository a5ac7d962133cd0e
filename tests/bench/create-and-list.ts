// P3: what a payment and a list cost the embedded process, against one Fastify process on the same
// PostgreSQL.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from 'pg';
import { fill } from './fill.ts';
import { sendFromOutside, type Job } from './load.ts';
import { cpuUs, type Quiet } from './machine.ts';
import {
  BENCH_ENV,
  holdFactsBack,
  makeFolder,
  read,
  register,
  root,
  startPayloom,
  tokenOf,
} from './payloom.ts';
import type { Copy, Person } from './payloom.ts';
import { median, type Line } from './table.ts';

const CONTENDER_DATABASE = 'bench_contender';
const CONNECTIONS = 8;
const LISTED = 2_000;

export type CreateOptions = { quick: boolean; quiet: Quiet; say: (text: string) => void };
type Server = { pid: number; port: number };
type Sums = { cpuUs: number; requests: number; elapsedMs: number; latenciesMs: number[]; loadCpuMs: number };

const migrationsOf = (folder: string): string[] =>
  readdirSync(join(root, folder))
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => readFileSync(join(root, folder, file), 'utf8'));

/** A database beside Payloom's on the same server, made by the same migrations, with the same rows in it. */
const makeContenderDatabase = async (
  copy: Copy,
  user: Person,
  people: { rows: unknown[][] },
): Promise<void> => {
  await copy.asOwner(async (client) => {
    await client.query(`create database ${CONTENDER_DATABASE}`);
  }, 'postgres');
  await copy.asOwner(async (client) => {
    await client.query('create extension pg_trgm');
    const files = [
      ...migrationsOf('broker/postgres/migrations'),
      ...migrationsOf('services/payments/migrations'),
    ];
    for (const sql of files) await client.query(sql);
    await fillBoth(client, user, people);
  }, CONTENDER_DATABASE);
};

const fillBoth = async (client: Client, user: Person, { rows }: { rows: unknown[][] }): Promise<void> => {
  for (const row of rows) {
    await client.query('insert into parties values ($1, $2, $3, $4, $5, $6) on conflict do nothing', row);
  }
  await fill(client, { userId: user.id, payments: LISTED, rareWord: 'Zanzibar' });
};

const startContender = async (copy: Copy, port: number): Promise<Server & { stop(): void }> => {
  const jwks = await read<unknown>(copy, '/api/auth/jwks', null);
  const settings = { port, databaseUrl: copy.urlOf(CONTENDER_DATABASE), issuer: copy.url, jwks };
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'contender.ts'), JSON.stringify(settings)],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env.PATH, NODE_ENV: 'production' },
    },
  );
  // Whatever ends us ends it as well.
  const stop = () => void child.kill();
  process.once('exit', stop);
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`the contender ended with ${code}`)));
  });
  return { pid: child.pid ?? 0, port, stop };
};

/** Both in turns, A B B A, so many rounds; the sums of each. */
const contest = async (
  servers: readonly [Server, Server],
  job: (port: number) => Job,
  rounds: number,
): Promise<[Sums, Sums]> => {
  const empty = (): Sums => ({ cpuUs: 0, requests: 0, elapsedMs: 0, latenciesMs: [], loadCpuMs: 0 });
  const sums: [Sums, Sums] = [empty(), empty()];
  const run = async (which: 0 | 1, keep: boolean) => {
    const { pid, port } = servers[which];
    const task = job(port);
    const beforeUs = cpuUs(pid);
    const sent = await sendFromOutside(task);
    // What is still written to sockets and logs belongs to the requests.
    await wait(50);
    if (!keep) return;
    const sum = sums[which];
    sum.cpuUs += cpuUs(pid) - beforeUs;
    sum.requests += task.requests;
    sum.elapsedMs += sent.elapsedMs;
    sum.loadCpuMs += sent.cpuMs;
    sum.latenciesMs.push(...sent.latenciesMs);
  };
  for (const which of [0, 1] as const) await run(which, false);
  for (const which of [0, 1] as const) await run(which, false);
  for (let round = 0; round < rounds; round++)
    for (const which of [0, 1, 1, 0] as const) await run(which, true);
  return sums;
};

const perSecond = ({ requests, elapsedMs }: Sums): number => Math.round(requests / (elapsedMs / 1_000));
const perRequestUs = ({ cpuUs: sum, requests }: Sums): number => sum / requests;
const loadShare = ({ loadCpuMs, elapsedMs }: Sums): number => Math.round((100 * loadCpuMs) / elapsedMs);

const linesOf = (name: string, [ours, theirs]: readonly [Sums, Sums]): Line[] => {
  const us = [perRequestUs(ours), perRequestUs(theirs)].map(Math.round);
  return [
    {
      measure: `P3 ${name}, CPU per request`,
      goal: 1.15,
      floor: 1.4,
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

const BODY = JSON.stringify({
  payee: { email: 'vendor7@bench.test' },
  amountMinor: 12_345,
  currency: 'EUR',
  paymentMethod: 'pm_card_visa',
  description: 'Invoice 4711 for coffee beans',
  metadata: { order: 'A-1001' },
});

let batches = 0;
const createJob = (port: number, token: string, requests: number): Job => ({
  port,
  connections: CONNECTIONS,
  requests,
  method: 'POST',
  path: '/api/payments',
  token,
  body: BODY,
  keyPrefix: `bench-${process.pid}-${batches++}`,
  expect: 201,
});

/**
 * Processor time of payments from POST to `completed`, processor sandbox included: it runs in the same
 * process.
 */
const measureWhole = async (port: number, { quick }: CreateOptions): Promise<Line> => {
  const copy = await startPayloom({ port, dataFolder: makeFolder(), env: BENCH_ENV });
  const payer = await register(copy, 'payer@bench.test', 'CUSTOMER');
  await register(copy, 'vendor7@bench.test', 'VENDOR');
  const token = await tokenOf(copy, payer);
  const open = (): Promise<number> =>
    copy.asOwner(async (client) => {
      const { rows } = await client.query<{ open: number }>(
        `select count(*)::int as open from payments where status <> 'completed'`,
      );
      return rows[0]?.open ?? 0;
    });
  const run = async (requests: number): Promise<number> => {
    const beforeUs = cpuUs(copy.pid);
    await sendFromOutside({ ...createJob(port, token, requests), connections: 2 });
    const endMs = performance.now() + 120_000;
    while ((await open()) > 0 && performance.now() < endMs) await wait(100);
    if ((await open()) > 0) throw new Error('some payments did not complete');
    return (cpuUs(copy.pid) - beforeUs) / requests;
  };
  await run(200);
  const perPaymentUs = await run(quick ? 200 : 1_000);
  await copy.stop();
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
  const copy = await startPayloom({ port, dataFolder: makeFolder(), env });
  const user = await register(copy, 'payer@bench.test', 'CUSTOMER');
  const person = { rows: [[user.id, user.email, 'Bench Customer', 'CUSTOMER', 'active', 1]] };
  await copy.asOwner((client) => fillBoth(client, user, person));
  await makeContenderDatabase(copy, user, person);
  await holdFactsBack(copy);
  const contender = await startContender(copy, port + 1);
  const servers = [copy, contender] as const;
  try {
    const lines: Line[] = [];
    const rounds = quick ? 1 : 4;
    let token = await tokenOf(copy, user);
    await quiet.check('P3 list');
    const listJob = (to: number): Job => ({
      port: to,
      connections: CONNECTIONS,
      requests: quick ? 500 : 3_000,
      method: 'GET',
      path: '/api/payments?limit=25',
      token,
      expect: 200,
    });
    lines.push(...linesOf('list', await contest(servers, listJob, rounds)));
    say(`  P3 list: ${lines[0]?.measured.toFixed(2)}× CPU`);
    token = await tokenOf(copy, user);
    await quiet.check('P3 create');
    const job = (to: number) => createJob(to, token, quick ? 500 : 3_000);
    lines.unshift(...linesOf('create', await contest(servers, job, rounds)));
    say(`  P3 create: ${lines[0]?.measured.toFixed(2)}× CPU; facts and processor held back for both`);
    contender.stop();
    await copy.stop();
    return [...lines, await measureWhole(port + 100, options)];
  } finally {
    contender.stop();
  }
};
