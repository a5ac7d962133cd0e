import { payments } from '../contracts/payments.ts';
import { createClient, type ClientOptions, type SeenCall } from './client.ts';
import { graphqlQuery } from './graphql.ts';
import { isUnreachable } from './problem.ts';

const DOCUMENT = 'query ($id: PaymentId!, $more: Boolean!) { paymentsGet(id: $id) { id } }';
type Data = { paymentsGet: { id: string } };
const query = graphqlQuery(payments.actions.get, DOCUMENT, ({ paymentsGet }: Data) => paymentsGet, {
  more: true,
});
const ID = 'pay_1' as Parameters<typeof query.requestOf>[0]['id'];
const DATA = { paymentsGet: { id: 'pay_1' } };

const failure = (code: string, status: number, path?: string[], more: object = {}) => ({
  message: 'what is wrong',
  ...(path && { path }),
  extensions: { code, status, requestId: 'req_1', ...more },
});

type Asked = { url: URL; method: string; headers: Headers };

/** A client of a server that answers with these bodies in turn; the last one again and again. */
const clientOf = (bodies: readonly (object | null)[], more: Partial<ClientOptions> = {}) => {
  const asked: Asked[] = [];
  const seen: SeenCall[] = [];
  const left = [...bodies];
  const fetch: ClientOptions['fetch'] = async (path, { method = '', headers } = {}) => {
    const url = new URL(String(path));
    asked.push({ url, method, headers: new Headers(headers) });
    if (url.pathname !== '/api/graphql') return new Response('{}');
    const body = left.length > 1 ? left.shift() : left[0];
    if (!body) throw new TypeError('no network');
    return Response.json(body, { headers: { 'x-request-id': 'req_2' } });
  };
  // Files of tests that run in one process share its Web Locks.
  const options = { fetch, origin: 'http://own', onSignedOut: () => undefined, locks: null, ...more };
  const client = createClient({ ...options, onCall: (call) => seen.push(call) });
  return { asked, seen, run: () => client.query(query, { id: ID }) };
};

const refusalOf = async (body: object) => {
  const { run, seen } = clientOf([body], { hasSession: () => false });
  const error: unknown = await run().catch((problem: unknown) => problem);
  return { error, seen };
};

test('a query is a GET with the document and its variables, and answers what is picked', async () => {
  const { asked, run, seen } = clientOf([{ data: DATA }]);
  expect(await run()).toEqual({ id: 'pay_1' });
  const [{ url, method, headers }] = asked as [Asked];
  expect([method, url.pathname, url.searchParams.get('query')]).toEqual(['GET', '/api/graphql', DOCUMENT]);
  expect(JSON.parse(url.searchParams.get('variables') ?? '')).toEqual({ id: 'pay_1', more: true });
  expect(headers.get('traceparent')).toMatch(/^00-/);
  expect(seen).toEqual([
    expect.objectContaining({ action: 'payments.get', status: 200, requestId: 'req_2' }),
  ]);
});

test('what is refused is the problem that REST answers with', async () => {
  const more = { retryAfterS: 7, errors: [{ path: 'id', message: 'is none' }] };
  const { error, seen } = await refusalOf({
    data: { paymentsGet: null },
    errors: [failure('unavailable', 503, ['paymentsGet'], more)],
  });
  expect(error).toMatchObject({
    name: 'ProblemError',
    retryAfterS: 7,
    problem: {
      code: 'unavailable',
      status: 503,
      detail: 'what is wrong',
      requestId: 'req_1',
      errors: more.errors,
    },
  });
  expect(seen[0]?.status).toBe(503);
});

test('a document that does not run is a problem, too', async () => {
  const { error } = await refusalOf({ errors: [failure('bad_request', 400)] });
  expect(error).toMatchObject({ name: 'ProblemError', problem: { code: 'bad_request' } });
});

test('of several actions the one that was refused is named', async () => {
  const { error } = await refusalOf({
    data: { paymentsGet: { id: 'pay_1', payer: { avatarUrl: null } }, adminAuditEntries: null },
    errors: [
      failure('unavailable', 503, ['paymentsGet', 'payer', 'avatarUrl']),
      failure('forbidden', 403, ['adminAuditEntries']),
    ],
  });
  expect(error).toMatchObject({ problem: { code: 'forbidden' } });
});

test('a part that is refused is null, and the rest is answered', async () => {
  const data = { paymentsGet: { id: 'pay_1', avatarUrl: null } };
  const { run } = clientOf([{ data, errors: [failure('unavailable', 503, ['paymentsGet', 'avatarUrl'])] }]);
  expect(await run()).toEqual(data.paymentsGet);
});

test('a query whose token has expired is repeated after a refresh', async () => {
  const expired = { data: { paymentsGet: null }, errors: [failure('token_expired', 401, ['paymentsGet'])] };
  const { asked, run } = clientOf([expired, { data: DATA }]);
  expect(await run()).toEqual({ id: 'pay_1' });
  expect(asked.map(({ url }) => url.pathname)).toEqual(['/api/graphql', '/api/auth/refresh', '/api/graphql']);
});

test('what was read is kept as the answer of its action, which is found without a network', async () => {
  const kept: object[] = [];
  const answers: ClientOptions['answers'] = {
    read: ({ action, params, result }) => kept.push({ action, params, result }),
    find: async (question) => ({ of: question }),
  };
  await clientOf([{ data: DATA }], { answers }).run();
  const question = { action: 'payments.get', params: { id: 'pay_1' } };
  expect(kept).toEqual([{ ...question, result: { id: 'pay_1' } }]);
  expect(await clientOf([null], { answers }).run()).toEqual({ of: question });
  const error: unknown = await clientOf([null])
    .run()
    .catch((problem: unknown) => problem);
  expect(isUnreachable(error)).toBe(true);
});
