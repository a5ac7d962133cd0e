import { startGateway, type Ask, type TestGateway } from '../testing/start-gateway.ts';

let gateway: TestGateway;
let headers: Record<string, string>;
beforeAll(async () => {
  gateway = await startGateway({ env: { GATEWAY_LIMITS_OFF: 'true' } });
  headers = { authorization: `Bearer ${await gateway.sign()}`, 'idempotency-key': 'key-1' };
});
afterAll(() => gateway.services.stop());

type Options = Parameters<Ask>[1];
const JSON_TYPE = { 'content-type': 'application/json' };
const CHUNKED = { 'transfer-encoding': 'chunked' };
const ask: Ask = (route, options) =>
  gateway.ask(route, { ...options, headers: { ...headers, ...options?.headers } });

type Bad = [name: string, route: string, options: Options, status: number, code: string, path?: string];
const BAD: Bad[] = [
  ...['\\u0000', 'a\\u0000b', '\\ud800', '\\udc00\\ud800'].map((text): Bad => [
    `text with ${text}`,
    'POST /api/things',
    { headers: JSON_TYPE, body: `{"name":"x","tags":{"a":"${text}"}}` },
    422,
    'invalid_params',
    'tags.a',
  ]),
  [
    'a key with NUL',
    'POST /api/things',
    { headers: JSON_TYPE, body: '{"name":"x","tags":{"a\\u0000":"x"}}' },
    422,
    'invalid_params',
    'tags.a\\u0000',
  ],
  [
    'JSON of 50,000 levels',
    'POST /api/things',
    { headers: JSON_TYPE, body: `{"name":${'['.repeat(50_000)}${']'.repeat(50_000)}}` },
    400,
    'malformed_json',
  ],
  [
    'JSON of 5,000 levels with an escape',
    'POST /api/things',
    { headers: JSON_TYPE, body: `{"name":${'['.repeat(5_000)}"\\u0041"${']'.repeat(5_000)}}` },
    400,
    'malformed_json',
  ],
  ['a query value with NUL', 'GET /api/things/1?q=a%00', {}, 422, 'invalid_params', 'q'],
  ...['%ED%A0%80', 'a%FF', '%C3', '%C3%A9%80'].map((bytes): Bad => [
    `a query value of the bytes ${bytes}`,
    `GET /api/things/1?q=${bytes}`,
    {},
    422,
    'invalid_params',
    'q',
  ]),
  ['a path with NUL', 'GET /api/things/a%00', {}, 422, 'invalid_params', 'id'],
  ['a path of bytes that are no UTF-8', 'GET /api/things/%ED%A0%80', {}, 400, 'bad_request'],
  [
    'a key in the bytes of UTF-8',
    'POST /api/things',
    { headers: { 'idempotency-key': 'sch\u00fcssel' } },
    400,
    'idempotency_key_invalid',
    'Idempotency-Key',
  ],
];

test.each(BAD.map((row) => [row[0], row] as const))(
  'what cannot be stored or read is refused: %s',
  async (_name, [, route, options, status, code, path]) => {
    const reply = await ask(route, options);
    expect([reply.status, reply.problem().code]).toEqual([status, code]);
    if (path !== undefined) expect(reply.problem().errors?.map((error) => error.path)).toEqual([path]);
  },
);

test.each(['100%', '%zz', 'a%2'])('a per cent sign that encodes nothing is one: %s', async (q) => {
  expect((await ask(`GET /api/things/1?q=${q}`)).json()['q']).toBe(q);
});

test('text that needs escapes in JSON arrives unchanged', async () => {
  const name = '\\u0000 \u0001 "\u{1F600}"';
  expect((await ask('POST /api/things', { json: { name } })).json()['name']).toBe(name);
});

test.each<[name: string, sent: Record<string, string>]>([
  ['no body', {}],
  ['no body, with a type', JSON_TYPE],
  ['an empty body in chunks', CHUNKED],
  ['an empty body in chunks, with another type', { ...CHUNKED, 'content-type': 'text/plain' }],
])('%s is no field', async (_name, sent) => {
  const reply = await ask('POST /api/things', { headers: sent, body: '' });
  expect([reply.status, reply.problem().errors?.[0]?.path]).toEqual([422, 'name']);
});

test.each([
  ['identity', 201],
  ['Identity', 201],
  ['gzip', 415],
  ['identity, gzip', 415],
])('the Content-Encoding %s is %i', async (encoding, status) => {
  const sent = { ...JSON_TYPE, 'content-encoding': encoding };
  expect((await ask('POST /api/things', { headers: sent, body: '{"name":"x"}' })).status).toBe(status);
});

test('a raw body that is compressed is refused', async () => {
  const reply = await ask('POST /api/hook', { headers: { 'content-encoding': 'gzip' }, body: 'x' });
  expect(reply.problem().code).toBe('unsupported_encoding');
});

describe.each([
  ['with a length', {}],
  ['in chunks', CHUNKED],
])('a body %s', (_name, sent) => {
  test.each([
    ['POST /api/hook', 300_000, 200],
    ['POST /api/hook', 300_001, 413],
    ['POST /api/things', 102_401, 413],
  ])('of %s may have the size that its contract allows: %i bytes is %i', async (route, size, status) => {
    const reply = await ask(route, { headers: { ...JSON_TYPE, ...sent }, body: 'x'.repeat(size) });
    expect(reply.status).toBe(status);
  });
});
