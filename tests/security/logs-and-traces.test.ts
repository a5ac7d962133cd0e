import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { createLogger, type Logger } from '../../broker/process/logger.ts';
import { startTracing } from '../../broker/telemetry/opentelemetry.ts';
import { eventually } from '../../broker/testing/eventually.ts';
import { requestOf } from '../../shared/client/client.ts';
import { CONTRACTS } from '../../shared/contracts/all.ts';
import type { Action } from '../../shared/contracts/contract.ts';
import { ROLES } from '../../shared/contracts/roles.ts';
import { startOtlpReceiver, type OtlpReceiver } from '../system/otlp-receiver.ts';
import { ROWS } from './access-rows.ts';
import { PASSWORD, startWorld, type Person, type World } from './world.ts';

/** In everything that the test sends and that is nobody else's business. */
const MARK = 'Qz7marked';
const CARD = '4242424242424242';

const byHttp: Action[] = CONTRACTS.flatMap(({ actions }) => Object.values(actions)).filter(
  ({ http }) => http !== undefined,
);

let folder: string;
let log: Logger;
let receiver: OtlpReceiver;
let stopTracing: () => Promise<void>;
let world: World;
const people: Person[] = [];
const routes = new Set<string>();

/** What a field is sent with: a mark, alone and as an e-mail address, and a card number. */
const MARKED = [MARK, `${MARK}@example.com`, CARD];

const fieldsOf = ({ params }: Action): string[] =>
  Object.keys(z.toJSONSchema(params, { io: 'input', unrepresentable: 'any' }).properties ?? {});

const ask = async (action: Action, params: Record<string, unknown>, token?: string): Promise<void> => {
  const { method, path, body } = requestOf(action.http!, params);
  const [at, query] = path.split('?');
  const answer = await world.ask(`${method} ${at}?${query ?? ''}&unknown=${MARK}`, {
    ...(token !== undefined && { token }),
    ...(body !== undefined && { json: JSON.parse(body) as unknown }),
    headers: {
      'idempotency-key': `${MARK}-${performance.now()}`,
      cookie: `other=${MARK}; __Host-access=${MARK}`,
      'user-agent': `${MARK}/1.0`,
      referer: `https://example.com/${MARK}`,
      baggage: `email=${MARK}@example.com`,
      tracestate: `vendor=${MARK}`,
      'x-forwarded-for': `${MARK}`,
    },
  });
  await answer.arrayBuffer();
  routes.add(action.http!.route);
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'payloom-log-'));
  log = createLogger({ level: 'trace', file: join(folder, 'log'), replica: '1' });
  receiver = await startOtlpReceiver();
  stopTracing = startTracing({
    service: 'payloom',
    replica: '1',
    url: receiver.url,
    headers: {},
    sampling: 1,
    log,
  });
  world = await startWorld(log);
  for (const role of ROLES) people.push(await world.register(role));
  for (const action of byHttp) {
    const params = ROWS[action.name]!.params(world);
    await ask(action, params);
    await ask(action, params, MARK);
    for (const { email } of people) {
      const { accessToken } = await world.signIn(email);
      await ask(action, params, accessToken);
    }
    const { accessToken } = await world.signIn(people[0]!.email);
    for (const field of fieldsOf(action))
      for (const value of MARKED) await ask(action, { ...params, [field]: value }, accessToken);
  }
}, 300_000);
afterAll(async () => {
  await world?.services.stop();
  await receiver?.close();
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

const lines = (): string[] => readFileSync(join(folder, 'log'), 'utf8').trimEnd().split('\n');

/** Values that must not be anywhere, each with what it is. */
const secrets = (): [what: string, value: string | RegExp][] => [
  ['what a request held', MARK],
  ['a card number', CARD],
  ['a password', PASSWORD],
  ['an e-mail address', /[\w.+-]+@example\.(com|org)/],
  ['a name', /Person \d/],
  ['a token', /\beyJ[\w-]{10,}/],
  ['a refresh token', /\brt_[\w-]{10,}/],
  ['a secret of the processor', /\b(sk_test|whsec)_/],
  ['a payment method', 'pm_card'],
];

const found = (text: string): string[] =>
  secrets()
    .filter(([, value]) => (typeof value === 'string' ? text.includes(value) : value.test(text)))
    .map(([what]) => `${what}: ${text.slice(0, 400)}`);

it('a line for each request says route, status, duration and ids', async () => {
  await eventually(() => expect(lines().length).toBeGreaterThan(byHttp.length), 10_000);
  const requests = lines()
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ msg }) => msg === 'request');
  const logged = new Set(requests.map(({ route }) => route));
  expect([...routes].filter((route) => !logged.has(route))).toEqual([]);
  const [known] = requests.filter(({ userId }) => userId !== undefined);
  expect(known).toEqual({
    level: 'info',
    time: expect.any(String),
    service: 'gateway',
    replica: '1',
    requestId: expect.any(String),
    traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
    sessionId: expect.stringMatching(/^ses_/),
    userId: expect.stringMatching(/^usr_/),
    route: expect.any(String),
    status: expect.any(Number),
    ms: expect.any(Number),
    msg: 'request',
  });
});

it('no line of any log holds a secret, whatever a request held', () => {
  expect(lines().length).toBeGreaterThan(byHttp.length);
  expect(found(`{"msg":"${PASSWORD} of ${MARK}@example.com"}`)).toHaveLength(3);
  expect(lines().flatMap(found)).toEqual([]);
});

it('no span holds a secret, whatever a request held', async () => {
  await stopTracing();
  expect(receiver.spans.length).toBeGreaterThan(byHttp.length * 3);
  const texts = receiver.spans.map((span) => JSON.stringify(span));
  expect(texts.flatMap(found)).toEqual([]);
});
