import { startGateway, type Ask, type TestGateway } from '../testing/start-gateway.ts';

let gateway: TestGateway;
let ask: Ask;
let bearer: { authorization: string };

beforeAll(async () => {
  gateway = await startGateway();
  ask = gateway.ask;
  bearer = { authorization: `Bearer ${await gateway.sign()}` };
});
afterAll(() => gateway.services.stop());

type Failure = {
  message: string;
  path?: string[];
  extensions: {
    code: string;
    status: number;
    requestId: string;
    errors?: { path: string; message: string }[];
  };
};
type Answer = { status: number; data?: Record<string, unknown> | null; errors?: Failure[] };

const run = async (query: string, variables: object = {}, headers: Record<string, string> = bearer) => {
  const reply = await ask('POST /api/graphql', { headers, json: { query, variables } });
  return { ...reply, ...reply.json<Answer>(), status: reply.status };
};
/** The code and the field paths of the first error. */
const refusal = async (...given: Parameters<typeof run>): Promise<[string?, ...string[]]> => {
  const { errors = [] } = await run(...given);
  const { code, errors: fields = [] } = errors[0]?.extensions ?? { code: undefined };
  return [code, ...fields.map(({ path }) => path)];
};

const CREATE = `mutation ($name: String!, $key: String) {
  thingsCreate(name: $name, idempotencyKey: $key) { name key address }
}`;
const GET = '{ thingsGet(id: "a b", q: "x") { id q userId } }';

describe('a field becomes a call', () => {
  test('with its arguments, its key and the caller', async () => {
    const made = await run(CREATE, { name: 'lamp', key: 'key-1' });
    expect(made.data).toEqual({ thingsCreate: { name: 'lamp', key: 'key-1', address: '127.0.0.1' } });
    expect(made.headers['idempotent-replayed']).toBeUndefined();
    const read = await run(GET);
    expect(read.data).toMatchObject({
      thingsGet: { id: 'a b', q: 'x', userId: expect.stringMatching(/^usr_/) },
    });
  });

  test('a key is read from the header, too, and a replay is said', async () => {
    const reply = await run(CREATE, { name: 'again' }, { ...bearer, 'idempotency-key': 'key-2' });
    expect(reply.data).toMatchObject({ thingsCreate: { key: 'key-2' } });
    expect(reply.headers['idempotent-replayed']).toBe('true');
    expect(await refusal(CREATE, { name: 'lamp' })).toEqual(['idempotency_key_missing', 'Idempotency-Key']);
  });
});

describe('what is refused', () => {
  test('has the code, the status, the request id and the path of its field', async () => {
    const reply = await run('{ one: thingsFail(code: payee_unknown) thingsGet(id: "1") { id } }');
    const [error] = reply.errors ?? [];
    expect(reply.status).toBe(200);
    expect(reply.data).toEqual({ one: null, thingsGet: { id: '1' } });
    expect(error).toMatchObject({
      message: 'There is no vendor with this e-mail address or id.',
      path: ['one'],
      extensions: { code: 'payee_unknown', status: 422, requestId: reply.headers['x-request-id'] },
    });
  });

  test('says nothing of the cause', async () => {
    const { text } = await run('{ thingsBreak }');
    expect(text).toContain('"code":"internal"');
    expect(text).not.toContain('secret');
    expect(text).not.toMatch(/stack|\.ts/);
  });

  test('says when to ask again', async () => {
    const { errors } = await run('{ thingsWait }');
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'unavailable', status: 503, retryAfterS: 7 });
  });

  test.each([
    ['{ thingsGet(id: 7) { id } }', {}, ['id']],
    ['{ thingsGet { id } }', {}, ['id']],
    ['query ($a: String!) { thingsGet(id: $a) { id } }', { a: 7 }, ['id']],
    ['query ($a: String!) { thingsGet(id: $a) { id } }', {}, ['id']],
    ['query ($a: ThingsFailCode!) { thingsFail(code: $a) }', { a: 'nonsense' }, ['code']],
    ['{ thingsFail(code: nonsense) }', {}, ['code']],
    [
      'mutation ($t: Json) { thingsCreate(name: "x", tags: $t, idempotencyKey: "k") { name } }',
      { t: { deep: { a: 1 } } },
      ['tags.deep'],
    ],
    [
      'mutation { thingsCreate(name: "x", tags: {deep: [1]}, idempotencyKey: "k") { name } }',
      {},
      ['tags.deep'],
    ],
    ['mutation ($t: String!) { thingsRename(id: "1", name: $t) { id } }', { t: 'a\u0000' }, ['name']],
  ])('as a wrong value in %s %j has its path', async (query, variables, paths) => {
    expect(await refusal(query, variables)).toEqual(['invalid_params', ...paths]);
  });

  test('as no document of this schema is bad_request', async () => {
    for (const query of [
      '{',
      '',
      '{ nothing }',
      '{ thingsGet(id: "1") }',
      'query A { thingsBreak } query B { thingsWait }',
    ])
      expect([query, ...(await refusal(query))]).toEqual([query, 'bad_request']);
  });

  test('is 400 for a client that takes GraphQL responses, where nothing ran', async () => {
    const accept = 'application/graphql-response+json, application/json;q=0.9';
    const refused = await run('{ nothing }', {}, { ...bearer, accept });
    expect([refused.status, refused.headers['content-type']]).toEqual([
      400,
      'application/graphql-response+json; charset=utf-8',
    ]);
    expect(refused.text).not.toContain('"data"');
    expect((await run(GET, {}, { accept })).status).toBe(200);
  });

  test('as no GraphQL request at all is a problem, as over REST', async () => {
    const sent = async (options: Parameters<Ask>[1]) => {
      const { status, headers, problem } = await ask('POST /api/graphql', options);
      return [status, problem().code, headers['content-type']];
    };
    const type = 'application/problem+json';
    expect(await sent({ json: [{ query: '{ thingsBreak }' }] })).toEqual([422, 'invalid_params', type]);
    expect(await sent({ json: {} })).toEqual([422, 'invalid_params', type]);
    expect(await sent({ json: { query: '{ a }', variables: [] } })).toEqual([422, 'invalid_params', type]);
    expect(await sent({ body: '{' })).toEqual([415, 'unsupported_media_type', type]);
    expect(await sent({ body: '{', headers: { 'content-type': 'application/json' } })).toEqual([
      400,
      'malformed_json',
      type,
    ]);
    expect(await sent({ json: { query: ' '.repeat(200_000) } })).toEqual([413, 'body_too_large', type]);
  });
});

describe('who asks', () => {
  test('is checked for each field', async () => {
    expect(await refusal(GET, {}, {})).toEqual(['unauthenticated']);
    const admin = { authorization: `Bearer ${await gateway.sign({ role: 'ADMIN' })}` };
    expect(await refusal(CREATE, { name: 'x', key: 'k' }, admin)).toEqual(['forbidden']);
    expect(await refusal(GET, {}, { authorization: 'Bearer nonsense' })).toEqual(['unauthenticated']);
  });

  test('with cookies, only our own pages change anything', async () => {
    const cookie = gateway.cookie('access', await gateway.sign());
    expect(await refusal(CREATE, { name: 'x', key: 'k' }, { cookie })).toEqual(['cross_site']);
    const foreign = { cookie, origin: 'https://evil.example' };
    expect(await refusal(CREATE, { name: 'x', key: 'k' }, foreign)).toEqual(['cross_site']);
    expect(await refusal(CREATE, { name: 'x', key: 'k' }, { cookie, origin: gateway.origin })).toEqual([
      undefined,
    ]);
  });

  test('gets cookies in place of tokens when signing in', async () => {
    const query = 'mutation { authLogin(email: "ada@example.com", password: "right") { user { name } } }';
    const reply = await run(query, {}, { origin: gateway.origin });
    expect(reply.data).toEqual({ authLogin: { user: { name: 'Ada' } } });
    expect(String(reply.headers['set-cookie'])).toMatch(/payloom_access_\d+=/);
    expect(await refusal(query, {}, { origin: 'https://evil.example' })).toEqual(['cross_site']);
  });

  test('is refused after the end of the session in the same request', async () => {
    const sid = 'ses_00000000000000000000000000000009';
    const own = { authorization: `Bearer ${await gateway.sign({ sid })}` };
    const { data, errors } = await run(
      'mutation { authLogout thingsRename(id: "1", name: "x") { id } }',
      {},
      own,
    );
    expect(data).toEqual({ authLogout: true, thingsRename: null });
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['session_ended']);
  });

  test('is counted for each field', async () => {
    const own = { authorization: `Bearer ${await gateway.sign()}` };
    const rename = (alias: string) => `${alias}: thingsRename(id: "1", name: "x") { id }`;
    const query = `mutation { ${['a', 'b', 'c', 'd'].map(rename).join(' ')} }`;
    const { data, errors, headers } = await run(query, {}, own);
    expect(data).toMatchObject({ c: { id: '1' }, d: null });
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['rate_limited']);
    expect(headers['ratelimit']).toContain('"account";r=0');
  });
});

describe('GET', () => {
  const get = (query: string, more = '') =>
    ask(`GET /api/graphql?query=${encodeURIComponent(query)}${more}`, { headers: bearer });

  test('runs queries with variables', async () => {
    const query = 'query ($id: String!) { thingsGet(id: $id) { id } }';
    const reply = await get(query, `&variables=${encodeURIComponent('{"id":"1"}')}`);
    expect(reply.json()).toEqual({ data: { thingsGet: { id: '1' } } });
    expect((await get(query, '&variables=%7B')).problem().code).toBe('malformed_json');
  });

  test('answers 304 to a client that has the answer, and never to one that is refused', async () => {
    const [query, wrong] = ['{ thingsGet(id: "1") { id } }', '{ thingsBreak }'];
    const first = await get(query);
    const etag = String(first.headers.etag);
    const named = { ...bearer, 'if-none-match': etag };
    const path = (text: string) => `GET /api/graphql?query=${encodeURIComponent(text)}`;
    const again = await ask(path(query), { headers: named });
    expect([again.status, again.text, again.headers.etag]).toEqual([304, '', etag]);
    expect((await ask(path('{ thingsGet(id: "2") { id } }'), { headers: named })).status).toBe(200);
    const refused = await ask(path(wrong), { headers: { ...bearer, 'if-none-match': '*' } });
    expect([refused.status, refused.headers.etag]).toEqual([200, undefined]);
    expect((await run(query)).headers['etag']).toBeUndefined();
  });

  test('runs no mutation', async () => {
    const reply = await get('mutation { thingsRename(id: "1", name: "x") { id } }');
    expect([reply.status, reply.problem().code, reply.headers.allow]).toEqual([
      405,
      'method_not_allowed',
      'POST',
    ]);
  });
});
