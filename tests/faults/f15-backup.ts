import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { startOwnStack, type Stack } from '../../scripts/stack/client.ts';
import { CONTRACTS } from '../../shared/contracts/all.ts';
import { realtime } from '../../shared/contracts/realtime.ts';
import { signIn } from '../system/accounts.ts';
import { until } from '../system/timing.ts';
import { keepAcks } from './acks.ts';
import type { StackFault } from './fault.ts';
import {
  assertNoUnexpectedErrors,
  longestGapMs,
  slowestMs,
  startLoad,
  untilAnswered,
  type Request,
} from './load.ts';
import type { System } from './system.ts';

const run = promisify(execFile);
const SETTLE_LIMIT_MS = 60_000;

const npmRun = async (script: string, args: readonly string[]): Promise<string> =>
  (await run(process.execPath, [script, ...args])).stdout;

/** The text behind a name in what a command printed. */
const valueOf = (printed: string, name: string): string =>
  new RegExp(`${name} +(.*)`).exec(printed)?.[1] ?? '';

/** Uses connections to the databases of a stack. */
const withDatabases = async <T>(
  { env }: Stack,
  use: (of: (service: string) => Client) => Promise<T>,
): Promise<T> => {
  const clients = new Map<string, Client>();
  try {
    for (const service of ['admin', 'auth', 'payments', 'profile', 'realtime']) {
      const client = new Client({ connectionString: env[`${service.toUpperCase()}_DATABASE_URL`] });
      await client.connect();
      clients.set(service, client);
    }
    return await use((service) => clients.get(service) as Client);
  } finally {
    for (const client of clients.values()) await client.end();
  }
};

type Published = { id: string; event: string };

/** Events that are not published and handled exactly once; empty when all are. */
const findUnhandled = async (of: (service: string) => Client): Promise<string[]> => {
  const wrong: string[] = [];
  for (const { service, events = {} } of CONTRACTS) {
    const names = Object.values(events);
    if (names.length === 0) continue;
    const { rowCount: left } = await of(service).query('select from outbox');
    if (left) wrong.push(`${left} events in the outbox of ${service}`);
    const { rows } = await of(service).query<Published>('select id, event from published_events');
    if (new Set(rows.map(({ id }) => id)).size !== rows.length) wrong.push(`${service} published one twice`);
    for (const { name, subscribers = [] } of names) {
      const ids = rows.filter(({ event }) => event === name).map(({ id }) => id);
      for (const subscriber of subscribers) {
        if (subscriber === 'gateway') continue;
        const inbox = await of(subscriber).query('select from inbox where id = any($1)', [ids]);
        if (inbox.rowCount !== ids.length)
          wrong.push(`${subscriber} handled ${inbox.rowCount} of ${ids.length} ${name}`);
      }
    }
  }
  return wrong;
};

/** How often each party of each payment was sent each version of it, where that is not once. */
const findMessages = async (of: (service: string) => Client): Promise<string[]> => {
  const { rows: payments } = await of('payments').query<{ key: string }>(
    `select party || ' ' || id || ' ' || number as key from payments,
       unnest(array[payer_id, payee_id]) as party, generate_series(1, version) as number`,
  );
  const { rows } = await of('realtime').query<{ key: string; count: number }>(
    `select user_id || ' ' || (payload::json ->> 'id') || ' ' || (payload::json ->> 'version') as key,
       count(*)::int as count from messages where name = $1 group by 1`,
    [realtime.messages.paymentChanged.name],
  );
  const sent = new Map(rows.map(({ key, count }) => [key, count]));
  return payments.flatMap(({ key }) => (sent.get(key) === 1 ? [] : [`${key} ×${sent.get(key) ?? 0}`]));
};

/** Waits until each event has had its effect once. @returns a sentence */
const assertOnce = async (stack: Stack): Promise<string> => {
  let wrong: string[] = [];
  await withDatabases(stack, (of) =>
    until('every event is published and handled once', SETTLE_LIMIT_MS, async () => {
      wrong = [...(await findUnhandled(of)), ...(await findMessages(of))];
      return wrong.length === 0;
    }).catch((error: Error) => {
      throw new Error(`${error.message}: ${wrong.slice(0, 3).join('; ')}`);
    }),
  );
  return 'every event published once and handled once';
};

type Taken = { moment: string; requests: readonly Request[]; printed: string; gapMs: number };

/** Backs a system up under load, with events that wait for realtime. */
const backUp = async (system: System, file: string, label: string): Promise<Taken> => {
  const client = await signIn(system.urls);
  const load = startLoad(system, client, { label, width: 6, reads: ['/api/payments?limit=5'], pauseMs: 20 });
  await until('the load runs', 20_000, () => load.requests.length > 100);
  await system.stack.stop('realtime');
  await untilAnswered(load, 100);
  const fromMs = Date.now();
  const printed = await npmRun('scripts/backup/backup.ts', [file, '--stack', system.stack.name]);
  const toMs = Date.now();
  await system.stack.start('realtime');
  await untilAnswered(load, 50);
  const requests = await load.stop();
  assertNoUnexpectedErrors(requests);
  return {
    moment: valueOf(printed, 'Moment').split(';')[0] ?? '',
    requests,
    printed,
    gapMs: longestGapMs(requests, fromMs, toMs),
  };
};

/** Starts a restored stack and checks it. @returns its figures */
const check = async (name: string, folder: string, { moment, requests }: Taken): Promise<string> => {
  const stack = await startOwnStack({ name, demo: false });
  try {
    const { ack, verify } = keepAcks(join(folder, 'acks'), process.env, ['--stack', name]);
    const before = requests.filter(({ kind, endedMs }) => kind === 'POST' && endedMs < Date.parse(moment));
    for (const { what, answer } of before) ack(what, String(answer.body['id']), answer.status);
    const once = await assertOnce(stack);
    const { line, ok } = verify();
    if (!ok) throw new Error(`the restored system: ${line}`);
    return `${before.length} acknowledgements before it: ${line}; ${once}`;
  } finally {
    await stack.down({ delete: true });
  }
};

export const backup: StackFault = {
  on: 'stack',
  name: 'F15-backup',
  title: 'a backup under load with events in flight, restored into an empty stack of another name',
  run: async (system, { seed }) => {
    const folder = mkdtempSync(join(tmpdir(), 'payloom-f15-'));
    const file = join(folder, 'backup.zip');
    const name = `${system.stack.name}-r`;
    try {
      const taken = await backUp(system, file, `f15-${seed}-${Date.now()}`);
      if (system.isOurs) await system.stack.down();
      const startedMs = Date.now();
      const printed = await npmRun('scripts/backup/restore.ts', [file, '--stack', name]);
      const restoreMs = Date.now() - startedMs;
      const events = valueOf(printed, 'Events');
      if (!/[1-9]\d* for realtime/.test(events)) throw new Error(`no event was in flight: ${events}`);
      const figures = await check(name, folder, taken);
      return (
        `writes waited ${valueOf(taken.printed, 'Writes waited')}, no answer for ${taken.gapMs} ms at ` +
        `most, slowest request ${slowestMs(taken.requests)} ms; restored in ${restoreMs} ms with ` +
        `${events}; ${figures}`
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
      if (system.isOurs) await system.restartWith({});
    }
  },
};
