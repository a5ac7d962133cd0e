import { request as plainRequest } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTls } from 'node:tls';
import { pagePolicy, securityHeaders } from '../services/gateway/http/security-headers.ts';
import { inlineSourcesOf } from '../services/gateway/web/inline-sources.ts';
import { ERRORS, type ErrorCode, type Problem } from '../shared/contracts/errors.ts';
import { expectSecurity } from './testing/security.ts';
import { PAGE, startEdge, startEdgeWithGateway, type Edge } from './testing/start-edge.ts';
import type { Seen } from './testing/upstream.ts';

let edge: Edge;
beforeAll(async () => {
  edge = await startEdgeWithGateway();
});
afterAll(() => edge.stop());

describe('security headers', () => {
  test.each([
    ['GET /', 200],
    ['GET /nowhere', 404],
    ['GET /assets/index-Ab12Cd34.js', 200],
    ['GET /assets/none.js', 404],
    ['GET /health/ready', 404],
    ['GET /api/things', 200],
    ['GET /api/things?status=404', 404],
    ['GET /api/things?status=304', 304],
    ['GET /api/things?status=500', 500],
    ['GET /api/openapi.json', 200],
    ['GET /api/drop', 503],
    ['POST /sign-in', 405],
  ])('%s has all of them, once: %i', async (line, status) => {
    const reply = await edge.ask(line);
    expect(reply.status).toBe(status);
    expectSecurity(reply);
  });

  test('policies are those of the gateway: of the API, of the page with its hashes, of files', async () => {
    const policyOf = async (path: string) =>
      (await edge.ask(`GET ${path}`)).headers['content-security-policy'];
    expect(await policyOf('/')).toBe(pagePolicy(inlineSourcesOf(PAGE)));
    expect(await policyOf('/nowhere')).toBe(pagePolicy(inlineSourcesOf(PAGE)));
    expect(await policyOf('/assets/index-Ab12Cd34.js')).toBe(pagePolicy());
    const { api } = securityHeaders('http://localhost');
    const ofApi = api[api.indexOf('Content-Security-Policy') + 1];
    expect([await policyOf('/api/things'), await policyOf('/metrics')]).toEqual([ofApi, ofApi]);
  });

  test('localhost is not bound to https by a header; every other host is', async () => {
    expect((await edge.ask('GET /')).headers).not.toHaveProperty('strict-transport-security');
    const other = await startEdge([1], { host: 'pay.test' });
    const { headers } = await other.ask('GET /metrics', { headers: { host: 'pay.test' } });
    await other.stop();
    const [name = '', value] = securityHeaders('https://pay.test').api.slice(6, 8);
    expect(headers[name.toLowerCase()]).toBe(value);
  });
});

test('pages alone learn where they report defects, and may connect there', async () => {
  const reports = { dsn: 'https://key@errors.test:8443/sub/7', environment: 'acceptance' };
  const reporting = await startEdgeWithGateway({ reports });
  const headersOf = async (path: string) => (await reporting.ask(`GET ${path}`)).headers;
  const [page, unknown, file, api] = [
    await headersOf('/'),
    await headersOf('/nowhere'),
    await headersOf('/assets/index-Ab12Cd34.js'),
    await headersOf('/api/things'),
  ];
  await reporting.stop();
  for (const one of [page, unknown]) {
    expect(one['server-timing']).toBe(
      'sentry;desc="https://key@errors.test:8443/sub/7", environment;desc="acceptance"',
    );
    expect(one['content-security-policy']).toBe(
      pagePolicy(inlineSourcesOf(PAGE), "'self' https://errors.test:8443"),
    );
  }
  for (const one of [file, api, (await edge.ask('GET /')).headers]) {
    expect(one).not.toHaveProperty('server-timing');
    expect(one['content-security-policy']).not.toContain('errors.test');
  }
});

describe('problems that nginx makes itself', () => {
  const long = 'x'.repeat(9_000);
  test.each<[what: string, request: string, status: number, code: string]>([
    ['a request that cannot be read', 'GET /api/a\u0001b HTTP/1.1\r\nHost: localhost', 400, 'bad_request'],
    [
      'a body without a length that is clear',
      'POST /api/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2',
      400,
      'bad_request',
    ],
    [
      'a header that is too large',
      `GET /api/x HTTP/1.1\r\nHost: localhost\r\nX: ${long}`,
      431,
      'bad_request',
    ],
    ['an address that is too long', `GET /api/${long} HTTP/1.1\r\nHost: localhost`, 414, 'bad_request'],
    [
      'a body that is too large',
      'POST /api/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000000',
      413,
      'body_too_large',
    ],
    ['another host', 'GET /api/x HTTP/1.1\r\nHost: evil.example', 421, 'bad_request'],
    ['no host', 'GET /api/x HTTP/1.0', 421, 'bad_request'],
    ['a gateway that drops the connection', 'POST /api/drop HTTP/1.1\r\nHost: localhost', 503, 'unavailable'],
  ])('%s', async (_what, request, status, code) => {
    const received = await edge.raw(`${request}\r\nConnection: close\r\n\r\n`);
    const [head = '', body = ''] = received.split('\r\n\r\n');
    const lines = head
      .split('\r\n')
      .slice(1)
      .map((line) => line.split(': '));
    const headers = Object.fromEntries(lines.map(([name = '', value]) => [name.toLowerCase(), value]));
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(headers['content-type']).toBe('application/problem+json');
    expect(headers['cache-control']).toBe('no-store');
    expectSecurity({ headers });
    const problem = JSON.parse(body) as Record<string, unknown>;
    expect(problem).toMatchObject({ status, code, requestId: headers['x-request-id'] });
    const title: unknown = code === 'bad_request' ? expect.any(String) : ERRORS[code as ErrorCode][1];
    expect(problem).toMatchObject({ title, detail: title });
    expect(headers['retry-after']).toBe(status === 503 ? '2' : undefined);
  });

  test('has the trace of the request, where it names one', async () => {
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const traceIdOf = async (headers: Record<string, string>) =>
      (JSON.parse((await edge.ask('POST /api/drop', { headers })).text) as Problem).traceId;
    expect(await traceIdOf({ traceparent: `00-${trace}-00f067aa0ba902b7-01` })).toBe(trace);
    expect(await traceIdOf({ traceparent: 'x","code":"ok' })).toBeUndefined();
    expect(await traceIdOf({})).toBeUndefined();
  });

  test('another method than those of files has the methods that there are', async () => {
    const { status, headers, text } = await edge.ask('DELETE /assets/index-Ab12Cd34.js');
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
    expect(JSON.parse(text)).toMatchObject({ code: 'method_not_allowed' });
  });
});

describe('TLS', () => {
  const negotiated = (options: object): Promise<string | null> =>
    new Promise((resolve, reject) => {
      const socket = connectTls(
        { ...(edge.tls as object), host: '127.0.0.1', port: edge.port, ...options },
        () => {
          resolve(`${socket.getProtocol()} ${socket.alpnProtocol}`);
          socket.destroy();
        },
      );
      socket.on('error', reject);
    });

  test('is 1.2 or 1.3, with HTTP/2', async () => {
    expect(await negotiated({ ALPNProtocols: ['h2', 'http/1.1'] })).toBe('TLSv1.3 h2');
    expect(await negotiated({ maxVersion: 'TLSv1.2' })).toBe('TLSv1.2 false');
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };
    await expect(negotiated(old)).rejects.toThrow(/alert|protocol/);
    await expect(negotiated({ maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA' })).rejects.toThrow(/alert/);
  });

  test('HTTP/2 has the same answers', async () => {
    const session = connectHttp2(`https://localhost:${edge.port}`, {
      ...(edge.tls as object),
      lookup: (_host, options, done) =>
        options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4),
    });
    const stream = session.request({ ':path': '/api/things', 'x-request-id': 'over-http2-1' });
    const status = await new Promise((resolve) =>
      stream.once('response', (headers) => resolve(headers[':status'])),
    );
    let text = '';
    for await (const chunk of stream) text += String(chunk);
    session.close();
    expect(status).toBe(200);
    expect((JSON.parse(text) as Seen).headers).toMatchObject({
      'x-request-id': 'over-http2-1',
      host: `localhost:${edge.port}`,
    });
  });

  test.each(['httpPort', 'port'] as const)('plain http on %s leads to https', async (port) => {
    const location = await new Promise((resolve, reject) => {
      const options = { port: edge[port], path: '/payments?a=b', headers: { host: 'localhost' } };
      plainRequest(options, (response) => {
        response.resume();
        resolve([response.statusCode, response.headers.location]);
      })
        .on('error', reject)
        .end();
    });
    expect(location).toEqual([308, `https://localhost:${edge.port}/payments?a=b`]);
  });
});
