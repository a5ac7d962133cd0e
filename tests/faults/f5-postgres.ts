import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { signIn } from '../system/accounts.ts';
import { type Api, clientOf, retry } from '../system/client.ts';
import { inParallel, until } from '../system/timing.ts';
import { assertNoUnexpectedErrors, errorCounts, payment, slowestMs, startLoad } from './load.ts';
import { waitForEmptyOutbox, assertEventsFlow } from './events.ts';
import type { Run, StackFault } from './fault.ts';
import { holdLock, lockKeys } from './locks.ts';
import type { System } from './system.ts';

/** On two cores a new connection takes 30 ms, and 70 are opened at once: the short run allows for that. */
const BACK_LIMIT_MS = { whole: 1_000, short: 2_000 };
/** The time limit of an action (5 s) plus the time to answer. */
const ANSWER_LIMIT_MS = 6_000;
const OTHERS = ['/api/auth/jwks', '/', '/health/live'];

/** Requests routes without a database all the time; none of them may fail. */
const watchOthers = (system: System) => {
  const client = clientOf(system.urls);
  const wrong: string[] = [];
  let count = 0;
  let going = true;
  const run = async () => {
    for (; going; count++) {
      const path = OTHERS[count % OTHERS.length] ?? '/';
      const startedMs = Date.now();
      const status = await client.get(path, Math.floor(count / OTHERS.length)).then(
        (answer) => answer.status,
        (error: Error) => error.message,
      );
      const tookMs = Date.now() - startedMs;
      if (status !== 200 || tookMs > 1_000) wrong.push(`GET ${path}: ${status} after ${tookMs} ms`);
      await sleep(30);
    }
  };
  const running = run();
  return {
    stop: async (): Promise<string> => {
      going = false;
      await running;
      if (wrong.length > 0) throw new Error(`${wrong.length} of ${count} other requests: ${wrong[0]}`);
      return `${count} requests to other routes, 0 errors`;
    },
  };
};

/**
 * While the database is away a request is refused at once (503) instead of waiting for its deadline (504).
 */
const assertNoTimeouts = (statuses: readonly (number | string)[]): void => {
  const late = statuses.filter((status) => String(status) === '504').length;
  if (late > 0) throw new Error(`${late} of ${statuses.length} errors were 504 instead of 503`);
};

const postgresIsUp = async (system: System): Promise<number> => {
  await until('PostgreSQL is up', 30_000, async () => {
    const client = new Client({ connectionString: system.env['PAYMENTS_DATABASE_URL'] });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query('select 1');
      return true;
    } catch {
      return false;
    } finally {
      await client.end().catch(() => undefined);
    }
  });
  return Date.now();
};

const PROBE_PAUSE_MS = 50;

/**
 * Pays at each gateway without the pause that Retry-After asks for.
 * @returns the time of the first success
 */
const firstPaidMs = async (system: System, client: Api, label: string): Promise<number> => {
  let paidMs = 0;
  const endMs = Date.now() + 20_000;
  const probe = async (gateway: number) => {
    for (let index = 0; paidMs === 0 && Date.now() < endMs; index++) {
      const key = `${label}-probe-${gateway}-${index}`;
      const paying = client.post('/api/payments', payment(700), { 'idempotency-key': key }, gateway);
      const answer = await paying.catch(() => null);
      if (answer?.status !== 201) {
        await sleep(PROBE_PAUSE_MS);
        continue;
      }
      paidMs ||= Date.now();
      system.ack(key, String(answer.body['id']), answer.status);
    }
  };
  await Promise.all(system.urls.map((_url, gateway) => probe(gateway)));
  if (paidMs === 0) throw new Error('no payment succeeded in 20 s');
  return paidMs;
};

/** Makes the database fail under load: every response is right, or 503 with Retry-After. */
const without = async (
  system: System,
  { seed, short }: Run,
  name: string,
  act: () => Promise<unknown>,
): Promise<string> => {
  const label = `${name}-${seed}`;
  const client = await signIn(system.urls);
  const load = startLoad(system, client, { label, width: 4, reads: ['/api/payments?limit=5'], pauseMs: 20 });
  const others = watchOthers(system);
  try {
    await until('the load runs', 10_000, () => load.requests.length > 40);
    await act();
    const upMs = await postgresIsUp(system);
    const backMs = (await firstPaidMs(system, client, label)) - upMs;
    const answered = new Set<string>();
    await until('requests are answered again', 20_000, () => {
      for (const { kind, endedMs } of load.requests) if (endedMs > upMs) answered.add(kind);
      return answered.size === 2;
    });
    await system.ready();
    const requests = await load.stop();
    assertNoUnexpectedErrors(requests);
    assertNoTimeouts(requests.flatMap(({ before }) => before));
    if (backMs >= BACK_LIMIT_MS[short ? 'short' : 'whole'])
      throw new Error(`back ${backMs} ms after PostgreSQL was ready`);
    await waitForEmptyOutbox(system);
    await assertEventsFlow(system);
    return (
      `back ${backMs} ms after PostgreSQL was ready; ${requests.length} requests, ` +
      `${errorCounts(requests)}, ` +
      `slowest ${slowestMs(requests)} ms; ${await others.stop()}`
    );
  } finally {
    await Promise.allSettled([load.stop(), others.stop()]);
  }
};

export const killPostgres: StackFault = {
  on: 'stack',
  name: 'F5-kill-postgres',
  title: 'kill -9 of PostgreSQL under load',
  run: (system, run) => without(system, run, 'f5k', () => system.signal('postgres', 'SIGKILL')),
};

const TERMINATE = `select count(pg_terminate_backend(pid))::int as ended from pg_stat_activity
  where pid <> pg_backend_pid() and datname = current_database() and usename = current_user`;

export const terminateBackends: StackFault = {
  on: 'stack',
  name: 'F5-terminate-backends',
  title: 'pg_terminate_backend for every connection of payments and auth, three times under load',
  run: (system, run) =>
    without(system, run, 'f5t', async () => {
      for (let round = 0; round < 3; round++) {
        for (const service of ['payments', 'auth'] as const) await system.database(service).query(TERMINATE);
        await sleep(300);
      }
    }),
};

export const lockTable: StackFault = {
  on: 'stack',
  name: 'F5-lock-table',
  title: 'the payments table locked for 30 s (short: 8 s) under load',
  run: (system, run) =>
    without(system, run, 'f5l', async () => {
      const held = await holdLock(system, ['lock table payments in access exclusive mode']);
      await sleep(run.short ? 8_000 : 30_000);
      await held.release();
    }),
};

const HELD = 48;

export const exhaustPool: StackFault = {
  on: 'stack',
  name: 'F5-exhaust-pool',
  title: 'every connection of the payments pools held by a waiting transaction',
  run: async (system, { seed }) => {
    const client = await signIn(system.urls);
    const keys = Array.from({ length: HELD }, (_, index) => `f5p-${seed}-${index}`);
    const held = await lockKeys(system, keys);
    const others = watchOthers(system);
    const first: string[] = [];
    let slowest = 0;
    try {
      await inParallel(HELD, HELD, async (index) => {
        const startedMs = Date.now();
        const headers = { 'idempotency-key': keys[index] ?? '' };
        const answer = await client.post('/api/payments', payment(6_000 + index), headers, index);
        slowest = Math.max(slowest, Date.now() - startedMs);
        if (![409, 503, 504].includes(answer.status))
          throw new Error(`answered ${answer.status}: ${answer.text}`);
        if (answer.status === 503 && answer.retryAfter === null) throw new Error('503 without Retry-After');
        first.push(String(answer.status));
      });
    } finally {
      await held.release();
    }
    if (slowest > ANSWER_LIMIT_MS) throw new Error(`an answer took ${slowest} ms`);
    const freedMs = Date.now();
    await inParallel(HELD, 8, async (index) => {
      const headers = { 'idempotency-key': keys[index] ?? '' };
      const body = payment(6_000 + index);
      const { answer } = await retry((at) => client.post('/api/payments', body, headers, at), index);
      if (answer.status !== 201) throw new Error(`answered ${answer.status}: ${answer.text}`);
      system.ack(keys[index] ?? '', String(answer.body['id']), answer.status);
    });
    assertNoTimeouts(first);
    const counts = Map.groupBy(first, (status) => status);
    const answers = [...counts].map(([status, all]) => `${status} ×${all.length}`).join(', ');
    return (
      `${HELD} requests on full pools: ${answers}, slowest ${slowest} ms; ` +
      `all paid ${Date.now() - freedMs} ms after they were freed; ${await others.stop()}`
    );
  },
};
