// The audit log with a million entries: pages by every filter, and a file of 100,000 entries.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { register, tokenOf } from '../system/accounts.ts';
import { fillAudit, RARE_TEXT } from './fill-audit.ts';
import { BENCH_ENV, makeFolder, startInstance, type StartedInstance } from './instances.ts';
import type { Quiet } from './machine.ts';
import type { Line } from './table.ts';

const ENTRIES = 1_000_000;
const QUICK_ENTRIES = 100_000;
const EXPORTED = 100_000;
const PAGE_GOAL_MS = 300;
const EXPORT_GOAL_S = 15;
const MEMORY_GOAL_MB = 64;
const TURNS = 40;

type AuditOptions = { quick: boolean; quiet: Quiet; say: (text: string) => void };

const day = (daysAgo: number): string =>
  new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 10);
const ID = 'usr_';
const FIRST_PERSON = `${ID}${createHash('md5').update('person 1').digest('hex')}`;

const FILTERS: readonly (readonly [name: string, query: string])[] = [
  ['no filter', ''],
  ['an action', 'action=auth.role-changed'],
  ['a person, by name', 'person=person%201999'],
  ['a person with a fifth of all', `person=${FIRST_PERSON}@bench.test`],
  ['that person and text, nothing found', `person=${FIRST_PERSON}@bench.test&q=qqzzxx`],
  ['half of all people', 'person=person%201'],
  ['an unknown person', 'person=nobody'],
  ['very many people', `person=${ID}`],
  ['an address', 'address=198.51.7.7'],
  ['a request', 'requestId=req_unknown'],
  ['a day', `from=${day(200)}&to=${day(199)}`],
  ['text, 25 found', `q=${encodeURIComponent(RARE_TEXT)}`],
  ['text, many found', 'q=asked%20for'],
  ['text, nothing found', 'q=qqzzxx'],
  ['a person and an action', 'person=person%201999&action=auth.role-changed'],
  ['a day and an action', `from=${day(200)}&to=${day(199)}&action=payments.created`],
  ['an action and text', 'action=auth.role-changed&q=asked%20for'],
];

type Asked = { ms: number; next: string | null };

const ask = async ({ port }: StartedInstance, path: string, token: string): Promise<Asked> => {
  const startedMs = performance.now();
  const reply = await fetch(`http://127.0.0.1:${port}${path}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const body = (await reply.json()) as { nextCursor: string | null };
  if (!reply.ok) throw new Error(`${path} was answered ${reply.status}: ${JSON.stringify(body)}`);
  return { ms: performance.now() - startedMs, next: body.nextCursor };
};

/** Pages one after the other from the first, from it again at the end. @returns the 95th percentile */
const pagesMs = async (instance: StartedInstance, query: string, token: string): Promise<number> => {
  const times: number[] = [];
  let cursor: string | null = null;
  for (let turn = 0; turn < TURNS; turn++) {
    const path = ['/api/admin/audit?limit=50', query, cursor ? `cursor=${cursor}` : '']
      .filter(Boolean)
      .join('&');
    const { ms, next } = await ask(instance, path, token);
    times.push(ms);
    cursor = next;
  }
  return times.toSorted((a, b) => a - b)[Math.floor(TURNS * 0.95)] ?? 0;
};

const residentMb = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;

/**
 * Reads a file without keeping it.
 * @returns its lines, and what the process grew by in the second half, which more entries would add again
 */
const exportCsv = async ({ port, pid }: StartedInstance, path: string, token: string) => {
  const startedMs = performance.now();
  let lines = 0;
  const mostMb = [0, 0];
  const reply = await fetch(`http://127.0.0.1:${port}${path}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  if (!reply.ok || !reply.body) throw new Error(`${path} was answered ${reply.status}`);
  for await (const bytes of Readable.fromWeb(reply.body as ReadableStream)) {
    for (const byte of bytes as Uint8Array) if (byte === 10) lines += 1;
    const half = lines < EXPORTED / 2 ? 0 : 1;
    mostMb[half] = Math.max(mostMb[half] ?? 0, residentMb(pid));
  }
  return {
    lines,
    seconds: (performance.now() - startedMs) / 1_000,
    grownMb: Math.max(0, (mostMb[1] ?? 0) - (mostMb[0] ?? 0)),
  };
};

export const measureAudit = async (port: number, { quick, quiet, say }: AuditOptions): Promise<Line[]> => {
  const instance = await startInstance({ port, dataFolder: makeFolder(), env: BENCH_ENV });
  const { email, id } = await register(instance.urls, 'admin@bench.test', 'CUSTOMER');
  await instance.asOwner(
    (client) => client.query("update users set role = 'ADMIN' where id = $1", [id]),
    'payloom_auth',
  );
  const entries = quick ? QUICK_ENTRIES : ENTRIES;
  await instance.asOwner((client) => fillAudit(client, entries), 'payloom_admin');
  say(`audit: ${entries} entries made`);
  const lines: Line[] = [];
  for (const [name, query] of FILTERS) {
    await quiet.check(`audit ${name}`);
    const measured = await pagesMs(instance, query, await tokenOf(instance.urls, email));
    lines.push({
      measure: `audit, page: ${name}`,
      goal: PAGE_GOAL_MS,
      floor: PAGE_GOAL_MS,
      measured,
      unit: 'ms',
    });
    say(`  ${name}: p95 ${measured.toFixed(1)} ms`);
  }
  const from = new Date(Date.now() - (365 * 86_400_000 * EXPORTED) / entries).toISOString();
  const path = `/api/admin/audit.csv?from=${from}`;
  const {
    lines: written,
    seconds,
    grownMb,
  } = await exportCsv(instance, path, await tokenOf(instance.urls, email));
  const detail = `${written - 1} entries`;
  lines.push(
    {
      measure: 'audit, CSV',
      goal: EXPORT_GOAL_S,
      floor: EXPORT_GOAL_S,
      measured: seconds,
      unit: 's',
      detail,
    },
    {
      measure: 'audit, memory of its second half',
      goal: MEMORY_GOAL_MB,
      floor: null,
      measured: grownMb,
      unit: 'MB',
    },
  );
  await instance.stop();
  return lines;
};
