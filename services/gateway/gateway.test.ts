import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { AppError } from '../../broker/calls/errors.ts';
import { createLogger } from '../../broker/process/logger.ts';
import { reportFailuresTo } from '../../broker/telemetry/failures.ts';
import { ERRORS } from '../../shared/contracts/errors.ts';
import { responder } from './http/respond.ts';
import { startGateway, type Ask, type TestGateway } from './testing/start-gateway.ts';

let gateway: TestGateway;
let ask: Ask;
let bearer: { authorization: string };

beforeAll(async () => {
  gateway = await startGateway();
  ask = gateway.ask;
  bearer = { authorization: `Bearer ${await gateway.sign()}` };
});
afterAll(() => gateway.services.stop());

const KEY = { 'idempotency-key': 'key-1' };
const JSON_TYPE = { 'content-type': 'application/json' };

describe('a request becomes a call', () => {
  test('the action receives the JSON body, the key and the address', async () => {
    const reply = await ask('POST /api/things', { headers: { ...bearer, ...KEY }, json: { name: 'lamp' } });
    expect(reply.status).toBe(201);
    expect(reply.json()).toEqual({ name: 'lamp', key: 'key-1', address: '127.0.0.1' });
    expect(reply.headers['idempotent-replayed']).toBeUndefined();
  });

  test('what was created has a Location, also when it is replayed', async () => {
    for (const name of ['a b/c', 'again']) {
      const reply = await ask('POST /api/things', { headers: { ...bearer, ...KEY }, json: { name } });
      expect(reply.headers.location).toBe(`/api/things/${encodeURIComponent(name)}`);
    }
  });

  test('path and query become params, the token becomes the caller', async () => {
    const sub = 'usr_00000000000000000000000000000001';
    const headers = { authorization: `Bearer ${await gateway.sign({ sub })}` };
    const reply = await ask('GET /api/things/a%20b?q=x%26y+z', { headers });
    expect(reply.json()).toEqual({ id: 'a b', q: 'x&y z', userId: sub });
  });

  test('a replayed result has the header Idempotent-Replayed', async () => {
    const reply = await ask('POST /api/things', { headers: { ...bearer, ...KEY }, json: { name: 'again' } });
    expect(reply.headers['idempotent-replayed']).toBe('true');
  });

  test('a raw body of any type arrives unchanged with its declared header', async () => {
    const body = '{ "a" :1 }\n';
    const reply = await ask('POST /api/hook', { headers: { 'x-signature': 'v1=abc' }, body });
    expect(reply.json()).toEqual({ body, signature: 'v1=abc' });
  });

  test('HEAD gets the response of GET without a body', async () => {
    const reply = await ask('HEAD /api/things/1', { headers: bearer });
    expect([reply.status, reply.text]).toEqual([200, '']);
    expect(Number(reply.headers['content-length'])).toBeGreaterThan(0);
  });

  test('a well-formed request id is kept, any other is replaced', async () => {
    const kept = await ask('GET /api/broken', { headers: { 'x-request-id': 'trace-12345' } });
    expect(kept.headers['x-request-id']).toBe('trace-12345');
    expect(kept.problem().requestId).toBe('trace-12345');
    const replaced = await ask('GET /health/live', { headers: { 'x-request-id': 'a b"<c>' } });
    expect(replaced.headers['x-request-id']).toMatch(/^[\w-]{36}$/);
  });

  test('API responses are not stored and have the security headers', async () => {
    const { headers } = await ask('GET /api/things/1', { headers: bearer });
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers['strict-transport-security']).toBeUndefined();
    expect(headers['x-powered-by']).toBeUndefined();
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });
});

type Bad = [
  name: string,
  route: string,
  options: Parameters<Ask>[1],
  status: number,
  code: string,
  path?: string,
];
const good = { name: 'lamp' };
const BAD: Bad[] = [
  ['malformed JSON', 'POST /api/things', { headers: JSON_TYPE, body: '{"name":' }, 400, 'malformed_json'],
  ['a lone quote', 'POST /api/things', { headers: JSON_TYPE, body: '"' }, 400, 'malformed_json'],
  [
    'bytes that are not UTF-8',
    'POST /api/things',
    { headers: JSON_TYPE, body: Buffer.from([0x22, 0xff, 0x22]) },
    400,
    'malformed_json',
  ],
  ['an array', 'POST /api/things', { json: [good] }, 422, 'invalid_params', ''],
  ['null', 'POST /api/things', { json: null }, 422, 'invalid_params', ''],
  ['an empty body', 'POST /api/things', { headers: JSON_TYPE }, 422, 'invalid_params', 'name'],
  ['an unknown field', 'POST /api/things', { json: { ...good, extra: 1 } }, 422, 'invalid_params', 'extra'],
  ['a wrong type', 'POST /api/things', { json: { name: 5 } }, 422, 'invalid_params', 'name'],
  [
    'a hidden prototype',
    'POST /api/things',
    { headers: JSON_TYPE, body: '{"name":"x","__proto__":{"a":1}}' },
    422,
    'invalid_params',
    '__proto__',
  ],
  [
    'a hidden prototype in escapes',
    'POST /api/things',
    { headers: JSON_TYPE, body: '{"name":"x","tags":{"\\u005f_proto__":"1"}}' },
    422,
    'invalid_params',
    'tags.__proto__',
  ],
  [
    'a form',
    'POST /api/things',
    { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'name=x' },
    415,
    'unsupported_media_type',
  ],
  [
    'text that is JSON',
    'POST /api/things',
    { headers: { 'content-type': 'text/plain' }, body: '{"name":"x"}' },
    415,
    'unsupported_media_type',
  ],
  ['a body without a type', 'POST /api/things', { body: '{"name":"x"}' }, 415, 'unsupported_media_type'],
  [
    'another charset',
    'POST /api/things',
    { headers: { 'content-type': 'application/json; charset=utf-16' }, body: '{}' },
    415,
    'unsupported_media_type',
  ],
  [
    'a compressed body',
    'POST /api/things',
    { headers: { 'content-encoding': 'gzip' }, json: good },
    415,
    'unsupported_encoding',
  ],
  ['2 MB', 'POST /api/things', { json: { name: 'x'.repeat(2_000_000) } }, 413, 'body_too_large'],
  [
    '2 MB in chunks',
    'POST /api/things',
    {
      headers: { ...JSON_TYPE, 'transfer-encoding': 'chunked' },
      body: 'x'.repeat(2_000_000),
    },
    413,
    'body_too_large',
  ],
  [
    'a query that overrides the body',
    'POST /api/things?name=other',
    { json: good },
    422,
    'invalid_params',
    'name',
  ],
  [
    'a body that overrides the path',
    'POST /api/things/1/name',
    { json: { id: '2', name: 'x' } },
    422,
    'invalid_params',
    'id',
  ],
  ['a query key twice', 'GET /api/things/1?q=a&q=b', {}, 422, 'invalid_params', 'q'],
  ['a query key as an array', 'GET /api/things/1?q[]=a', {}, 422, 'invalid_params', 'q[]'],
  ['a prototype in the query', 'GET /api/things/1?__proto__=a', {}, 422, 'invalid_params', '__proto__'],
  ['a query that names the path param', 'GET /api/things/1?id=2', {}, 422, 'invalid_params', 'id'],
  ['an address that cannot be decoded', 'GET /api/things/%E0%A4%A', {}, 400, 'bad_request'],
  ['an unknown address', 'GET /api/nothing', {}, 404, 'not_found'],
  ['a bus action by name', 'POST /api/things.create', { json: good }, 404, 'not_found'],
  ['moleculer-web’s own action', 'GET /api/~node/list', {}, 404, 'not_found'],
  ['another method', 'DELETE /api/things/1', {}, 405, 'method_not_allowed'],
  ['a method without a handler', 'PROPFIND /api/things', {}, 405, 'method_not_allowed'],
  [
    'a preflight',
    'OPTIONS /api/things',
    { headers: { 'access-control-request-method': 'POST', origin: 'https://evil.example' } },
    405,
    'method_not_allowed',
  ],
  [
    'a missing key',
    'POST /api/things',
    { json: good, headers: { 'idempotency-key': '' } },
    400,
    'idempotency_key_missing',
  ],
];

describe('an invalid request is refused with a precise code', () => {
  test.each(BAD.map((row) => [row[0], row] as const))(
    '%s',
    async (_name, [, route, options, status, code, path]) => {
      const reply = await ask(route, { ...options, headers: { ...bearer, ...KEY, ...options?.headers } });
      const problem = reply.problem();
      expect([reply.status, problem.code]).toEqual([status, code]);
      expect(reply.headers['content-type']).toBe('application/problem+json');
      expect(problem).toMatchObject({ status, requestId: reply.headers['x-request-id'] });
      expect(problem.detail.length).toBeGreaterThan(10);
      if (path !== undefined) expect(problem.errors?.map((error) => error.path)).toEqual([path]);
    },
  );

  test('405 names the allowed methods', async () => {
    const reply = await ask('PUT /api/things/1', { headers: bearer });
    expect(reply.headers.allow).toBe('GET, HEAD');
  });

  test('an unknown error is a 500 without its cause', async () => {
    const reply = await ask('GET /api/broken');
    expect(reply.status).toBe(500);
    expect(reply.problem().code).toBe('internal');
    expect(reply.text).not.toContain('secret');
  });

  test('an unknown error of the gateway is reported, and one that a service answered is not', async () => {
    const reported: unknown[] = [];
    reportFailuresTo((error) => reported.push(error));
    const sent = (error: unknown): number => {
      const log = createLogger({ level: 'silent' });
      const response = new ServerResponse(new IncomingMessage(new Socket()));
      responder([], log).problem(response, 'req-1', error);
      return response.statusCode;
    };
    const defect = new Error('broken');
    expect([sent(defect), sent(new AppError('internal')), sent(new AppError('unavailable'))]).toEqual([
      500, 500, 503,
    ]);
    reportFailuresTo(null);
    expect(reported).toEqual([defect]);
  });

  test('a temporary error has Retry-After', async () => {
    const reply = await ask('GET /api/busy');
    expect([reply.status, reply.headers['retry-after']]).toEqual([503, '7']);
  });

  test('unavailable is 503', async () => {
    const reply = await ask('POST /api/auth/tokens/refresh', { json: { refreshToken: 'x' } });
    expect([reply.status, reply.headers['retry-after']]).toEqual([503, '1']);
  });

  test.each(Object.entries(ERRORS))(
    '%s has Retry-After where asking again makes sense',
    async (code, row) => {
      const [status, , retryAfterS] = row as readonly [number, string, number?];
      const reply = await ask(`GET /api/fail/${code}`);
      expect([reply.status, reply.problem().code]).toEqual([status, code]);
      expect(reply.headers['retry-after']).toBe(retryAfterS?.toString());
    },
  );
});

describe('health', () => {
  test('live and ready describe the whole process', async () => {
    expect((await ask('GET /health/live')).status).toBe(200);
    const ready = await ask('GET /health/ready');
    expect([ready.status, ready.json()['status']]).toEqual([200, 'ready']);
  });
});
