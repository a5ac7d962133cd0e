import { eventually } from '../broker/testing/eventually.ts';
import { startEdgeWithGateway, type EdgeWithGateway } from './testing/start-edge.ts';
import type { Seen } from './testing/upstream.ts';

let edge: EdgeWithGateway;
beforeAll(async () => {
  edge = await startEdgeWithGateway();
});
afterAll(() => edge.stop());

describe('the way to the gateway', () => {
  const seenOf = async (headers: Record<string, string>, path = '/api/things'): Promise<Seen> =>
    JSON.parse((await edge.ask(`GET ${path}`, { headers })).text) as Seen;

  test('a request id is kept where it is well formed', async () => {
    const given = 'order-4711.a_b';
    expect((await seenOf({ 'x-request-id': given })).headers['x-request-id']).toBe(given);
    for (const bad of ['short', 'with space in it', 'x'.repeat(65), '"quoted-value"']) {
      const { headers } = await seenOf({ 'x-request-id': bad });
      expect(headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/);
    }
  });

  test('an avatar of 5 MiB passes, other bodies have at most one', async () => {
    const ask = (line: string, sizeBytes: number) => edge.ask(line, { body: Buffer.alloc(sizeBytes) });
    const avatar = await ask('PUT /api/profile/avatar', 5 * 1024 * 1024);
    expect((JSON.parse(avatar.text) as Seen).bodyBytes).toBe(5 * 1024 * 1024);
    const refused = [
      await ask('PUT /api/profile/avatar', 5 * 1024 * 1024 + 1),
      await ask('POST /api/things', 1024 * 1024 + 1),
    ];
    for (const { status, text } of refused)
      expect([status, JSON.parse(text)]).toEqual([413, expect.objectContaining({ code: 'body_too_large' })]);
  });

  test('what a client claims about its way is replaced, and nothing else is changed', async () => {
    const { headers, url } = await seenOf(
      {
        'x-forwarded-for': '6.6.6.6',
        'x-forwarded-proto': 'http',
        'x-forwarded-host': 'evil.example',
        'x-forwarded-port': '1',
        'x-real-ip': '6.6.6.6',
        forwarded: 'for=6.6.6.6',
        'x-original-url': '/api/other',
        'x-http-method-override': 'DELETE',
        cookie: 'a=b',
        authorization: 'Bearer x',
        'idempotency-key': 'k',
        origin: 'https://localhost',
        traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
      },
      '/api//a%20b?q=%2F',
    );
    expect(url).toBe('/api//a%20b?q=%2F');
    expect(headers).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'localhost',
      host: `localhost:${edge.port}`,
      cookie: 'a=b',
      authorization: 'Bearer x',
      'idempotency-key': 'k',
      origin: 'https://localhost',
    });
    expect(Object.values(headers).join()).not.toMatch(/6\.6\.6\.6|evil|other|DELETE/);
    expect(headers).not.toHaveProperty('x-forwarded-port');
  });

  test('public documents are asked for once a second, without credentials and limits', async () => {
    const asked = () => edge.seen.filter(({ url }) => url === '/api/auth/jwks');
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => edge.ask('GET /api/auth/jwks', { headers: { cookie: 'a=b' } })),
    );
    expect(asked()).toHaveLength(1);
    expect(asked()[0]?.headers).not.toHaveProperty('cookie');
    expect(replies[1]?.headers).not.toHaveProperty('ratelimit');
    expect(new Set(replies.map(({ headers }) => headers['x-request-id'])).size).toBe(20);
    await eventually(async () => (await edge.ask('GET /api/auth/jwks')).status === 200 && asked().length > 1);
  });

  test('large bodies of routes that stream are passed on as they come', async () => {
    await edge.reload({ streamedPrefixes: ['/api/files'] });
    const body = Buffer.alloc(3_000_000);
    const reply = await eventually(async () => {
      const one = await edge.ask('PUT /api/files/x', { body });
      return one.status === 200 && one;
    });
    expect(JSON.parse(reply.text)).toMatchObject({ bodyBytes: body.length });
    expect((await edge.ask('PUT /api/things', { body })).status).toBe(413);
  });

  test('the access log has one object for each request, without the query', async () => {
    const id = 'log-0123456789';
    const traceparent = `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01`;
    await edge.ask('GET /api/things?q=secret"', { headers: { 'x-request-id': id, traceparent } });
    const entry = await eventually(() => edge.log().find(({ requestId }) => requestId === id) ?? null);
    expect(entry).toMatchObject({ traceId: 'c'.repeat(32), path: '/api/things', method: 'GET', status: 200 });
    expect(entry).toMatchObject({ upstreamStatus: '200', address: '127.0.0.1', tls: 'TLSv1.3' });
    expect(JSON.stringify(entry)).not.toContain('secret');
  });
});
