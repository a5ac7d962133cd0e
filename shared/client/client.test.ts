import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { auth } from '../contracts/auth/auth.ts';
import { payments } from '../contracts/payments.ts';
import { createClient, requestOf } from './client.ts';
import { fieldErrors, isProblem, isUnreachable, sentenceFor } from './problem.ts';

type Answer = { status: number; body?: unknown; text?: string; headers?: Record<string, string> };
type Asked = { line: string; headers: IncomingMessage['headers']; body: string };

let server: Server;
let origin: string;
let asked: Asked[] = [];
let answer: (line: string) => Answer | Promise<Answer>;

const read = async (request: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  return text;
};

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const line = `${request.method} ${request.url}`;
    asked.push({ line, headers: request.headers, body: await read(request) });
    const { status, body, text, headers } = await answer(line);
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(text ?? (body === undefined ? undefined : JSON.stringify(body)));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise<unknown>((closed) => server.close(closed)));
beforeEach(() => {
  asked = [];
  answer = () => ({ status: 200, body: {} });
});

const problem = (status: number, code: string, more: object = {}): Answer => ({
  status,
  body: {
    type: 'about:blank',
    title: code,
    status,
    code,
    detail: 'what is wrong',
    requestId: 'req_1',
    ...more,
  },
  headers: { 'content-type': 'application/problem+json' },
});

const makeClient = (hasSession = true) => {
  const signedOut = { times: 0 };
  const onSignedOut = (): void => {
    signedOut.times += 1;
  };
  return { client: createClient({ fetch, origin, onSignedOut, hasSession: () => hasSession }), signedOut };
};

const thrown = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error) => error,
  );

describe('a request', () => {
  it('fills the path and leaves nothing of it in the body', () => {
    expect(requestOf(payments.actions.cancel.http, { id: 'pay_ä/b' })).toEqual({
      method: 'POST',
      path: '/api/payments/pay_%C3%A4%2Fb/cancel',
      body: '{}',
    });
  });

  it('puts the params of a read into the query, without those that are undefined', () => {
    const params = { limit: 5, q: 'tea & milk', status: undefined };
    expect(requestOf(payments.actions.list.http, params)).toEqual({
      method: 'GET',
      path: '/api/payments?limit=5&q=tea+%26+milk',
      body: undefined,
    });
  });

  it('carries params as JSON, the key as a header, and gives back what was answered', async () => {
    answer = () => ({ status: 201, body: { id: 'pay_1' } });
    const { client } = makeClient();
    const body = { payee: { email: 'v@example.com' }, amountMinor: 1234, currency: 'EUR' } as const;
    const params = { ...body, paymentMethod: 'pm_card_visa' };
    const made = await client.call(payments.actions.create, params, { idempotencyKey: 'key-1' });
    expect(made).toEqual({ id: 'pay_1' });
    expect(asked[0]?.line).toBe('POST /api/payments');
    expect(asked[0]?.headers).toMatchObject({
      'idempotency-key': 'key-1',
      'content-type': 'application/json',
    });
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual(params);
  });

  it('begins a trace, which its repetition after a refresh continues', async () => {
    let fresh = false;
    answer = (line) => {
      fresh ||= line.includes('refresh');
      return fresh ? { status: 200, body: { items: [] } } : problem(401, 'token_expired');
    };
    const { client } = makeClient();
    await client.call(payments.actions.list, {});
    await client.call(payments.actions.list, {});
    const lists = asked.filter(({ line }) => line.startsWith('GET'));
    const [first, again, second] = lists.map(({ headers }) => headers['traceparent']);
    expect(first).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect(again).toBe(first);
    expect(second).not.toBe(first);
  });

  it('outlives the page where it renews or ends the session, and only there', async () => {
    answer = () => ({ status: 204 });
    const kept = new Map<string, boolean | undefined>();
    const watched: typeof fetch = (input, init) => {
      kept.set(new URL(String(input)).pathname, init?.keepalive);
      return fetch(input, init);
    };
    const client = createClient({ fetch: watched, origin, onSignedOut: () => {} });
    for (const action of ['logout', 'refresh', 'me'] as const) await client.call(auth.actions[action], {});
    expect(Object.fromEntries(kept)).toEqual({
      '/api/auth/logout': true,
      '/api/auth/refresh': true,
      '/api/auth/me': false,
    });
  });

  it('takes an empty answer', async () => {
    answer = () => ({ status: 204 });
    expect(await makeClient().client.call(auth.actions.logout, {})).toEqual({});
  });
});

describe('a problem', () => {
  it('keeps code, request id, fields and Retry-After', async () => {
    const errors = [{ path: 'payee.email', message: 'must be an e-mail address' }];
    answer = () => ({ ...problem(422, 'invalid_params', { errors }), headers: { 'retry-after': '7' } });
    const error = await thrown(makeClient().client.call(payments.actions.list, {}));
    expect(isProblem(error) && [error.problem.code, error.problem.requestId, error.retryAfterS]).toEqual([
      'invalid_params',
      'req_1',
      7,
    ]);
    expect(fieldErrors(error)).toEqual({ 'payee.email': 'Must be an e-mail address.' });
  });

  it('is made of an answer that is none, as from a proxy', async () => {
    answer = () => ({ status: 503, text: '<h1>busy</h1>', headers: { 'x-request-id': 'req_2' } });
    const error = await thrown(makeClient().client.call(payments.actions.list, {}));
    expect(isProblem(error) && error.problem).toMatchObject({ code: 'unavailable', requestId: 'req_2' });
    expect(sentenceFor(error)).toBe('This is not available at the moment.');
  });

  it('says how long to wait', async () => {
    answer = () => ({ ...problem(429, 'rate_limited'), headers: { 'retry-after': '42' } });
    const error = await thrown(makeClient().client.call(payments.actions.list, {}));
    expect(sentenceFor(error)).toBe('Too many attempts. Try again in 42 seconds.');
  });

  it('is distinguished from no answer', async () => {
    const client = createClient({ fetch, origin: 'http://127.0.0.1:1', onSignedOut: () => {} });
    const error = await thrown(client.call(payments.actions.list, {}));
    expect(isUnreachable(error)).toBe(true);
    expect(sentenceFor(error)).toContain('could not be reached');
  });

  it('is not made of a call that its caller gave up', async () => {
    const { client } = makeClient();
    const error = await thrown(client.call(payments.actions.list, {}, { signal: AbortSignal.abort() }));
    expect((error as Error).name).toBe('AbortError');
  });
});

describe('a session', () => {
  it('is refreshed once for calls that fail together, and each is repeated', async () => {
    let fresh = false;
    answer = (line) => {
      if (line === 'POST /api/auth/refresh') fresh = true;
      return fresh ? { status: 200, body: { items: [] } } : problem(401, 'token_expired');
    };
    const { client, signedOut } = makeClient();
    const list = () => client.call(payments.actions.list, {});
    expect(await Promise.all([list(), list(), list()])).toHaveLength(3);
    expect(asked.filter(({ line }) => line.includes('refresh'))).toHaveLength(1);
    expect(signedOut.times).toBe(0);
  });

  it('is not refreshed twice for a call sent before the refresh that fails after it', async () => {
    let release = (): void => {};
    const late = new Promise<void>((resolve) => (release = resolve));
    let fresh = false;
    let delayed = false;
    answer = async (line) => {
      if (line.includes('refresh')) {
        fresh = true;
        return { status: 200, body: {} };
      }
      if (fresh) return { status: 200, body: { items: [] } };
      if (!delayed) {
        delayed = true;
        await late;
      }
      return problem(401, 'token_expired');
    };
    const { client } = makeClient();
    const slow = client.call(payments.actions.list, {});
    while (!delayed) await new Promise((turn) => setImmediate(turn));
    await client.call(payments.actions.list, {});
    release();
    await slow;
    expect(asked.filter(({ line }) => line.includes('refresh'))).toHaveLength(1);
  });

  it('that cannot be refreshed is over, and the call fails as it did', async () => {
    answer = (line) => problem(401, line.includes('refresh') ? 'session_ended' : 'token_expired');
    const { client, signedOut } = makeClient();
    const error = await thrown(client.call(payments.actions.list, {}));
    expect(isProblem(error) && error.problem.code).toBe('token_expired');
    expect(signedOut.times).toBe(1);
  });

  it('is not over because the refresh got no proper answer', async () => {
    answer = (line) =>
      problem(
        line.includes('refresh') ? 503 : 401,
        line.includes('refresh') ? 'unavailable' : 'token_expired',
      );
    const { client, signedOut } = makeClient();
    const error = await thrown(client.call(payments.actions.list, {}));
    expect(isProblem(error) && error.problem.code).toBe('unavailable');
    expect(signedOut.times).toBe(0);
  });

  it('that never was is not refreshed', async () => {
    answer = () => problem(401, 'unauthenticated');
    const { client, signedOut } = makeClient(false);
    await thrown(client.call(auth.actions.me, {}));
    expect(asked).toHaveLength(1);
    expect(signedOut.times).toBe(0);
  });

  it('is not refreshed when signing in is refused', async () => {
    answer = () => problem(401, 'wrong_credentials');
    await thrown(makeClient().client.call(auth.actions.login, { email: 'a@b.example', password: 'x' }));
    expect(asked).toHaveLength(1);
  });
});

describe('what keeps answers', () => {
  const keeping = (kept: unknown) => {
    const read: { action: string; params: object; result: unknown }[] = [];
    const answers = {
      read: ({ action, params, result }: (typeof read)[number]) => void read.push({ action, params, result }),
      find: async () => kept,
    };
    return { read, client: createClient({ fetch, origin, onSignedOut: () => {}, answers }) };
  };
  const cutOff = () => ({ status: 200, text: '', headers: { 'content-length': '5' } });

  it('gets each answer to a read, and none to a write or with a problem', async () => {
    const { client, read } = keeping(undefined);
    answer = () => ({ status: 200, body: { id: 'usr_1' } });
    await client.call(auth.actions.me, {});
    await client.call(auth.actions.changeName, { name: 'Ada' });
    answer = () => problem(500, 'internal');
    await thrown(client.call(auth.actions.me, {}));
    expect(read).toEqual([{ action: 'auth.me', params: {}, result: { id: 'usr_1' } }]);
  });

  it('stands for a read that gets no answer, not for one with a problem, nor for a write', async () => {
    const { client, read } = keeping({ id: 'usr_kept' });
    answer = () => problem(503, 'unavailable');
    expect(isProblem(await thrown(client.call(auth.actions.me, {})))).toBe(true);
    answer = cutOff;
    expect(await client.call(auth.actions.me, {})).toEqual({ id: 'usr_kept' });
    expect(isUnreachable(await thrown(client.call(auth.actions.changeName, { name: 'Ada' })))).toBe(true);
    expect(read).toEqual([]);
  });

  it('that has nothing leaves the call without an answer', async () => {
    const { client } = keeping(undefined);
    answer = cutOff;
    expect(isUnreachable(await thrown(client.call(auth.actions.me, {})))).toBe(true);
  });
});
