import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../broker/postgres/embedded-folder.ts';
import { eventually } from '../broker/testing/eventually.ts';
import { startEdge, type Edge, type Reply } from './testing/start-edge.ts';
import type { Seen } from './testing/upstream.ts';

const FROZEN_LIMIT_MS = 3_000;
/** As a stack sets it. */
const WATCHDOG_MS = 2_000;

type Gateway = { port: number; process: ChildProcess; ended: Promise<unknown> };
let gateways: [Gateway, Gateway];
let edge: Edge;

const run = (port: number): Gateway => {
  const script = join(import.meta.dirname, 'testing/gateway-process.ts');
  const args = ['--disable-warning=ExperimentalWarning', script, String(port), String(WATCHDOG_MS)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'ignore'] });
  return { port, process: child, ended: new Promise((resolve) => child.once('exit', resolve)) };
};
const kill = ({ process: child, ended }: Gateway): Promise<unknown> => {
  child.kill('SIGKILL');
  return ended;
};
const seenIn = ({ text }: Reply): Seen => JSON.parse(text) as Seen;
/** The ports of the gateways that answer some requests in a row. */
const answering = async (): Promise<number[]> => {
  const replies = await Promise.all(Array.from({ length: 8 }, () => edge.ask('GET /api/x')));
  return [...new Set(replies.map((reply) => seenIn(reply).port))].sort();
};
const bothAnswer = () => eventually(async () => expect(await answering()).toHaveLength(2), 15_000);

beforeAll(async () => {
  gateways = [run(await freePort()), run(await freePort())];
  edge = await startEdge(gateways.map(({ port }) => port));
});
afterAll(async () => {
  await edge.stop();
  await Promise.all(gateways.map(kill));
});
beforeEach(async () => {
  gateways = gateways.map((one) =>
    one.process.exitCode === null && one.process.signalCode === null ? one : run(one.port),
  ) as [Gateway, Gateway];
  await bothAnswer();
});

/** Sends requests without a pause until `until` resolves, from 8 clients. */
const load = async (line: string, until: Promise<unknown>) => {
  const replies: { status: number; tookMs: number }[] = [];
  let going = true;
  const clients = Array.from({ length: 8 }, async () => {
    while (going) {
      const startedMs = performance.now();
      const { status } = await edge.ask(line);
      replies.push({ status, tookMs: performance.now() - startedMs });
    }
  });
  await until;
  going = false;
  await Promise.all(clients);
  return replies;
};
const statusesOf = (replies: readonly { status: number }[]): number[] => [
  ...new Set(replies.map(({ status }) => status)),
];

test('a frozen gateway delays requests by 3 s at most, loses none, and is then out of rotation', async () => {
  const [frozen, other] = gateways;
  frozen.process.kill('SIGSTOP');
  const replies = await load('GET /api/x', frozen.ended);
  expect(statusesOf(replies)).toEqual([200]);
  expect(Math.max(...replies.map(({ tookMs }) => tookMs))).toBeLessThan(FROZEN_LIMIT_MS);
  expect(await answering()).toEqual([other.port]);
});

test('a POST that a frozen gateway has not answered is refused within 3 s, not sent to another', async () => {
  const [frozen] = gateways;
  frozen.process.kill('SIGSTOP');
  const replies = await load('POST /api/x', frozen.ended);
  expect(statusesOf(replies).sort()).toEqual([200, 503]);
  expect(Math.max(...replies.map(({ tookMs }) => tookMs))).toBeLessThan(FROZEN_LIMIT_MS);
});

test('no request fails while a gateway is gone: what was not sent goes to another', async () => {
  const [gone, other] = gateways;
  await kill(gone);
  for (const line of ['GET /api/x', 'POST /api/x', 'PATCH /api/x', 'DELETE /api/x']) {
    const replies = await Promise.all(Array.from({ length: 6 }, () => edge.ask(line, { body: 'body' })));
    expect(replies.map((reply) => [reply.status, seenIn(reply).port])).toEqual(
      Array(6).fill([200, other.port]),
    );
  }
});

test.each([
  ['GET', [200]],
  ['PUT', [200]],
  ['POST', [200, 503]],
  ['PATCH', [200, 503]],
])('a %s that was sent to a gateway that dies is answered with %j', async (method, statuses) => {
  const waiting = Array.from({ length: 6 }, () => edge.ask(`${method} /api/x?wait=1500`));
  await sleep(700);
  await kill(gateways[0]);
  expect(statusesOf(await Promise.all(waiting)).sort()).toEqual(statuses);
});

test('a gateway that comes back is used again', async () => {
  await kill(gateways[0]);
  expect(await answering()).toEqual([gateways[1].port]);
  gateways = [run(gateways[0].port), gateways[1]];
  await bothAnswer();
});

test('a gateway that is just back serves while the other one is restarted', async () => {
  const [first, second] = gateways;
  await kill(first);
  // nginx notices, and leaves the first one alone.
  await answering();
  const back = run(first.port);
  gateways = [back, second];
  await eventually(async () => (await fetch(`http://127.0.0.1:${back.port}/api/x`)).ok);
  await kill(second);
  const lines = ['GET /api/x', 'POST /api/x', 'GET /api/x', 'POST /api/x'];
  expect(statusesOf(await Promise.all(lines.map((line) => edge.ask(line))))).toEqual([200]);
});

test('while no gateway answers pages say so, and the API has a problem with Retry-After', async () => {
  await Promise.all(gateways.map(kill));
  const page = await eventually(async () => {
    const reply = await edge.ask('GET /payments');
    return reply.status === 503 && reply;
  });
  expect(page.headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'retry-after': '2' });
  expect(page.text).toContain('Payloom is not available at the moment');
  const { status, headers, text } = await edge.ask('POST /api/payments');
  expect([status, headers['retry-after'], headers['content-type']]).toEqual([
    503,
    '2',
    'application/problem+json',
  ]);
  expect(JSON.parse(text)).toMatchObject({ code: 'unavailable', requestId: headers['x-request-id'] });
  // Files are there all the same, for pages that are open.
  expect((await edge.ask('GET /assets/index-Ab12Cd34.js')).status).toBe(200);
});
