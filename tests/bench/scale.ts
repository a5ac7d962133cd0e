// P7: latency of a list and of a payment when one user has a million payments, against a thousand.
import { type Person, tokenOf } from '../system/accounts.ts';
import { clientOf } from '../system/client.ts';
import { median } from '../system/statistics.ts';
import { openConnection, type Job } from './load.ts';
import { RARE_WORD, startFilled } from './filled-instance.ts';
import type { Quiet } from './machine.ts';
import type { StartedInstance } from './instances.ts';
import { explainRequest } from './explain.ts';
import type { Line } from './table.ts';

const GOAL = 1.1;
const FLOOR = 1.5;
const DAY_MS = 86_400_000;

type ScaleOptions = { quick: boolean; explain: boolean; quiet: Quiet; say: (text: string) => void };
type Side = { instance: StartedInstance; user: Person; payments: number; token: string };

type Page = { items: { id: string; amountMinor: number; status: string }[]; nextCursor: string | null };
/**
 * `few`: fewer rows than a page match, at least among a thousand payments.
 */
type Measure = { name: string; query: string; deep?: boolean; few?: boolean };

const daysAgo = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10);

const MEASURES: readonly Measure[] = [
  { name: 'first page', query: '' },
  { name: 'deep page', query: '', deep: true },
  ...['sent', 'received'].map((value) => ({ name: `direction ${value}`, query: `direction=${value}` })),
  ...['completed', 'pending', 'processing', 'failed', 'cancelled'].map((value) => ({
    name: `status ${value}`,
    query: `status=${value}`,
  })),
  { name: 'currency EUR', query: 'currency=EUR' },
  { name: 'currency JPY', query: 'currency=JPY' },
  { name: 'from', query: `from=${daysAgo(60)}` },
  { name: 'to', query: `to=${daysAgo(300)}` },
  { name: 'from and to', query: `from=${daysAgo(200)}&to=${daysAgo(180)}` },
  { name: 'amount at least', query: 'amountMin=600000' },
  { name: 'amount at most', query: 'amountMax=180' },
  { name: 'amount between', query: 'amountMin=10000&amountMax=15000' },
  { name: 'search, 30 found', query: `q=${RARE_WORD}` },
  { name: 'search, many found', query: 'q=invoice' },
  { name: 'search, by payee', query: 'q=number%20001' },
  { name: 'search, nothing found', query: 'q=qqzzxx' },
  ...['createdAt', '-amount', 'amount', 'status', '-status'].flatMap((sort) => [
    { name: `sort ${sort}`, query: `sort=${sort}` },
    { name: `sort ${sort}, deep page`, query: `sort=${sort}`, deep: true },
  ]),
  { name: 'status and sort -amount', query: 'status=failed&sort=-amount' },
  { name: 'currency and sort -amount', query: 'currency=JPY&sort=-amount' },
  { name: 'from and sort -amount', query: `from=${daysAgo(60)}&sort=-amount` },
  { name: 'search and sort -amount', query: `q=${RARE_WORD}&sort=-amount` },
  { name: 'search many and sort -amount', query: 'q=invoice&sort=-amount' },
  { name: 'few: high amounts', query: 'amountMin=998000', few: true },
  { name: 'few: status and currency', query: 'status=pending&currency=CZK', few: true },
  { name: 'few: search and status', query: 'q=coffee&status=pending', few: true },
  { name: 'few: search and days', query: `q=coffee&from=${daysAgo(200)}&to=${daysAgo(199)}`, few: true },
  { name: 'few: search and amount', query: 'q=coffee&amountMin=998000', few: true },
  { name: 'few: payee and status', query: 'q=number%20009&status=pending', few: true },
  { name: 'few: direction and nothing', query: 'direction=received&q=qqzzxx', few: true },
];

const prepare = async (port: number, payments: number, { say }: ScaleOptions): Promise<Side> => {
  const startedMs = performance.now();
  const { instance, user } = await startFilled(port, payments);
  say(`P7: ${payments} payments made in ${((performance.now() - startedMs) / 1000).toFixed(0)} s`);
  return { instance, user, payments, token: '' };
};

const readPage = async ({ urls }: StartedInstance, path: string, token: string): Promise<Page> => {
  const { status, body, text } = await clientOf(urls, `Bearer ${token}`).get(path);
  if (status !== 200) throw new Error(`${path} was answered ${status}: ${text}`);
  return body as Page;
};

/** A cursor near the end of a list: the cursor of its first page, moved to a row there. */
const deepCursor = async ({ instance, user, token }: Side, query: string): Promise<string> => {
  const { nextCursor } = await readPage(instance, `/api/payments?${query}`, token);
  const parts = JSON.parse(Buffer.from(nextCursor ?? '', 'base64url').toString()) as [string, string, string];
  const sort = new URLSearchParams(query).get('sort') ?? '-createdAt';
  const column = { amount: 'amount_minor', status: 'status' }[sort.replace('-', '')] ?? 'id';
  // Fifty rows before the end.
  const backwards = sort.startsWith('-') ? 'asc' : 'desc';
  const row = await instance.asOwner(async (client) => {
    const { rows } = await client.query<{ value: string; id: string }>(
      `select ${column}::text as value, id from payments where payer_id = $1 or payee_id = $1
       order by payments.${column} ${backwards}, id ${backwards} limit 1 offset 50`,
      [user.id],
    );
    return rows[0];
  });
  if (!row) throw new Error('there is no row at that depth');
  return Buffer.from(JSON.stringify([parts[0], row.value, row.id])).toString('base64url');
};

const listJob = async (side: Side, { query, deep, few }: Measure): Promise<Job> => {
  const cursor = deep ? `cursor=${await deepCursor(side, query)}` : '';
  const path = `/api/payments?${[query, cursor].filter(Boolean).join('&')}`;
  const { items } = await readPage(side.instance, path, side.token);
  const wrong = query.includes('qqzzxx') ? items.length > 0 : !few && items.length < 25;
  if (wrong) throw new Error(`${path} found ${items.length} payments`);
  return {
    ports: [side.instance.port],
    connections: 1,
    requests: 0,
    method: 'GET',
    path,
    token: side.token,
    expect: 200,
  };
};

let creates = 0;
const createJob = ({ instance, token }: Side): Job => ({
  ports: [instance.port],
  connections: 1,
  requests: 0,
  method: 'POST',
  path: '/api/payments',
  token,
  body: JSON.stringify({
    payee: { email: 'vendor7@bench.test' },
    amountMinor: 12_345,
    currency: 'EUR',
    paymentMethod: 'pm_card_visa',
    description: 'Invoice 4711 for coffee beans',
  }),
  keyPrefix: `scale-${creates++}`,
  expect: 201,
});

const WARM_UPS = 20;
/** Slow requests are repeated less often. */
const TIME_LIMIT_MS = 8_000;

/** Medians of both, one request after the other in turns: small, large, large, small. */
const compare = async (jobs: readonly [Job, Job], quick: boolean): Promise<readonly [number, number]> => {
  const connections = await Promise.all(jobs.map(({ ports }) => openConnection(ports[0] as number)));
  const latencies: [number[], number[]] = [[], []];
  let index = 0;
  const send = async (which: 0 | 1) => (await connections[which]?.send(jobs[which], index++)) ?? 0;
  try {
    for (let count = 0; count < WARM_UPS; count++) await send((count % 2) as 0 | 1);
    const endMs = performance.now() + TIME_LIMIT_MS;
    for (let turn = 0; turn < (quick ? 25 : 150) && performance.now() < endMs; turn++) {
      for (const which of [0, 1, 1, 0] as const) latencies[which].push(await send(which));
    }
  } finally {
    connections.forEach((connection) => connection.close());
  }
  return [median(latencies[0]), median(latencies[1])];
};

const lineOf = (name: string, [small, large]: readonly [number, number], judged = true): Line => ({
  measure: `P7 ${name}`,
  goal: judged ? GOAL : null,
  floor: judged ? FLOOR : null,
  measured: large / small,
  unit: '×',
  detail: `${small.toFixed(2)} → ${large.toFixed(2)} ms`,
});

/** Median time of an answer with many payments over that with few, a line each. */
export const measureScale = async (port: number, options: ScaleOptions): Promise<Line[]> => {
  const { quick, explain, quiet, say } = options;
  const large = await prepare(port + 100, quick ? 100_000 : 1_000_000, options);
  const small = await prepare(port, 1_000, options);
  const sides = [small, large] as const;
  const lines: Line[] = [];
  const lists = MEASURES.filter(({ query }) => !(quick && query.includes('sort=-status')));
  for (const [index, measure] of lists.entries()) {
    // Tokens expire after ten minutes.
    for (const side of sides)
      if (index % 10 === 0) side.token = await tokenOf(side.instance.urls, side.user.email);
    if (index % 8 === 0) await quiet.check(`P7 ${measure.name}`);
    const [smallJob, largeJob] = await Promise.all([listJob(small, measure), listJob(large, measure)]);
    const line = lineOf(measure.name, await compare([smallJob, largeJob], quick), !measure.few);
    lines.push(line);
    say(`  ${line.measure}: ${line.measured.toFixed(2)}× (${line.detail})`);
    if (explain && line.measured > GOAL)
      say(await explainRequest(large.instance, largeJob.path, large.token));
  }
  for (const side of sides) side.token = await tokenOf(side.instance.urls, side.user.email);
  lines.push(lineOf('create', await compare([createJob(small), createJob(large)], quick)));
  for (const { instance } of sides) await instance.stop();
  return lines;
};
