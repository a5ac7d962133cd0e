import { request } from 'node:https';
import { eventually } from '../broker/testing/eventually.ts';
import { startEdgeWithGateway, type Edge, type Reply } from './testing/start-edge.ts';

let edge: Edge;
beforeAll(async () => {
  edge = await startEdgeWithGateway();
});
afterAll(() => edge.stop());

const refused = (replies: readonly Reply[], status: number): Reply[] =>
  replies.filter((reply) => reply.status === status);

test('sign-ins of an address are limited apart from other requests, with Retry-After', async () => {
  const replies = await Promise.all(Array.from({ length: 100 }, () => edge.ask('POST /api/auth/login')));
  const [first] = refused(replies, 429);
  expect(refused(replies, 429).length).toBeGreaterThan(10);
  expect(refused(replies, 200).length).toBeGreaterThanOrEqual(60);
  expect(first?.headers).toMatchObject({ 'retry-after': '1', 'content-type': 'application/problem+json' });
  expect(JSON.parse(first?.text ?? '')).toMatchObject({ code: 'rate_limited', status: 429 });
  expect((await edge.ask('GET /api/x')).status).toBe(200);
});

test('more requests at once than gateways can finish are refused at once, and files are not', async () => {
  await edge.reload({ limits: { requestsAtOnce: 3 } });
  const slow = Array.from({ length: 3 }, () => edge.ask('GET /api/x?wait=3000'));
  const reply = await eventually(async () => {
    const one = await edge.ask('GET /api/x');
    return one.status === 503 && one;
  });
  expect(reply.headers['retry-after']).toBe('2');
  expect(JSON.parse(reply.text)).toMatchObject({ code: 'unavailable' });
  expect((await edge.ask('GET /favicon.svg')).status).toBe(200);
  expect(refused(await Promise.all(slow), 200)).toHaveLength(3);
  expect((await edge.ask('GET /api/x')).status).toBe(200);
});

test.each(['/ws/?a=b', '/api/graphql'])(
  'a WebSocket at %s is passed through, and counts as no request',
  async (path) => {
    const sockets = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const headers = {
          host: `localhost:${edge.port}`,
          connection: 'Upgrade',
          upgrade: 'websocket',
          'sec-websocket-version': '13',
          'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        };
        const options = { ...edge.tls, host: '127.0.0.1', port: edge.port, path, headers };
        return new Promise<NodeJS.ReadWriteStream & { destroy(): void }>((resolve, reject) => {
          const outgoing = request(options, () => reject(new Error('no upgrade'))).on('error', reject);
          outgoing.on('upgrade', (_response, socket) => resolve(socket)).end();
        });
      }),
    );
    const echoed = sockets.map(async (socket) => {
      socket.write('hello');
      return new Promise((resolve) => socket.once('data', (data) => resolve(String(data))));
    });
    expect(await Promise.all(echoed)).toEqual(Array(4).fill('hello'));
    expect((await edge.ask('GET /api/x')).status).toBe(200);
    for (const socket of sockets) socket.destroy();
  },
);

test('a subscription to GraphQL counts as no request, a query does', async () => {
  const ask = (accept: string) =>
    edge.ask('POST /api/graphql?wait=1500', { headers: { accept }, body: '{"query":"{ a }"}' });
  const streams = Array.from({ length: 4 }, () => ask('text/event-stream'));
  expect((await edge.ask('GET /api/x?wait=500')).status).toBe(200);
  expect(refused(await Promise.all(streams), 200)).toHaveLength(4);
  const queries = await Promise.all(Array.from({ length: 5 }, () => ask('application/json')));
  expect(refused(queries, 503).length).toBeGreaterThan(0);
});
