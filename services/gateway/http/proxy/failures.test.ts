import { createServer, type AddressInfo } from 'node:net';
import { register } from 'prom-client';
import { freePort, startGateway, type TestGateway } from '../../testing/start-gateway.ts';
import { startUpstream, type Upstream } from '../../testing/upstream.ts';

let upstream: Upstream;
let gateway: TestGateway;
let bearer: { authorization: string };
beforeAll(async () => {
  upstream = await startUpstream();
  const routes = { '/api/old': upstream.origin, '/api/closed': `http://127.0.0.1:${await freePort()}` };
  gateway = await startGateway({ env: { PROXY_ROUTES: JSON.stringify(routes), PROXY_TIMEOUT_MS: '300' } });
  bearer = { authorization: `Bearer ${await gateway.sign()}` };
});
afterEach(() => upstream.reset());
afterAll(async () => {
  await gateway.services.stop();
  await upstream.stop();
});

describe('an upstream that fails', () => {
  const problemAt = async (path: string) => {
    const reply = await gateway.ask(`GET ${path}`, { headers: bearer });
    expect(reply.headers['content-type']).toBe('application/problem+json');
    return [reply.status, reply.problem().code];
  };

  test('is 502 when it is not there, and closes the connection without an answer', async () => {
    expect(await problemAt('/api/closed')).toEqual([502, 'bad_gateway']);
    upstream.stream((request) => request.socket.destroy());
    expect(await problemAt('/api/old')).toEqual([502, 'bad_gateway']);
  });

  test('is 504 when it never answers', async () => {
    upstream.handle(() => undefined);
    expect(await problemAt('/api/old')).toEqual([504, 'timeout']);
  });

  test.each([
    ['both Content-Length and chunks', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4'],
    ['no status', 'HTTP/1.1 020 OK\r\nContent-Length: 0'],
    ['no HTTP', 'hello'],
  ])('is 502 when its answer has %s', async (_name, text) => {
    upstream.stream((request) => void request.socket.end(`${text}\r\n\r\n`));
    expect(await problemAt('/api/old')).toEqual([502, 'bad_gateway']);
  });

  test('leaves the gateway ready, and is named in its health and in a metric', async () => {
    const reply = await gateway.ask('GET /health/ready');
    expect(reply.status).toBe(200);
    expect(reply.json()).toMatchObject({
      status: 'ready',
      checks: { 'upstream of /api/old': true, 'upstream of /api/closed': 'ECONNREFUSED' },
    });
    const metrics = await register.metrics();
    expect(metrics).toContain('payloom_proxy_upstream_up{prefix="/api/old"} 1');
    expect(metrics).toContain('payloom_proxy_upstream_up{prefix="/api/closed"} 0');
  });

  test('is not healthy while it does not answer', async () => {
    // It takes connections, and that is all.
    const silent = createServer((socket) => void socket.resume()).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as AddressInfo;
    const env = { PROXY_ROUTES: JSON.stringify({ '/api/old': `http://127.0.0.1:${port}` }) };
    const other = await startGateway({ env });
    const { checks } = await other.services.readiness();
    expect(checks['upstream of /api/old']).toBe('no answer in 900 ms');
    await other.services.stop();
    silent.close();
  });
});
