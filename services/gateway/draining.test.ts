import { Agent, createServer, request, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { trackConnections } from '../../broker/process/connections.ts';
import { eventually } from '../../broker/testing/eventually.ts';
import { closeServer } from './http/server.ts';
import { head, openRaw } from '../../broker/testing/raw-connection.ts';
import { startGateway } from './testing/start-gateway.ts';

/**
 * A client with one keep-alive connection; `get` returns the response and whether the connection was reused.
 */
const client = (port: number) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const get = (path: string) =>
    new Promise<object>((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, path, agent }, (response) => {
        const { statusCode: status, headers } = response.resume();
        response.once('end', () =>
          resolve({ status, connection: headers.connection, reused: sent.reusedSocket }),
        );
      });
      sent.once('error', reject).end();
    });
  return { get, idle: () => Object.keys(agent.freeSockets).length, close: () => agent.destroy() };
};

const isRefused = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(false));
    socket.once('error', () => resolve(true)).once('connect', () => socket.destroy());
  });

const setUp = async (drainMs: number) => {
  const gateway = await startGateway({ env: { DRAIN_MS: String(drainMs) } });
  const { get, idle, close } = client(gateway.port);
  await get('/health/live');
  await eventually(() => expect(idle()).toBe(1));
  return { gateway, get, idle, close };
};

test('a stopping gateway takes no new connection, and serves one more request on an open one', async () => {
  const { gateway, get, close } = await setUp(5_000);
  const stopped = gateway.services.stop();
  await eventually(() => isRefused(gateway.port));
  expect(await get('/health/live')).toEqual({ status: 200, connection: 'close', reused: true });
  await stopped;
  close();
});

test('a stopping gateway closes a connection that stays idle', async () => {
  const { gateway, idle, close } = await setUp(100);
  await gateway.services.stop();
  await eventually(() => expect(idle()).toBe(0));
  close();
});

const WEBSOCKET = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];

test.each([
  ['nothing', ''],
  ['half a head', 'GET /health/live HTTP/1.1\r\nHost: local'],
  ['half a body', head('POST /api/hook', 'Content-Length: 10') + 'half'],
  ['a request for a WebSocket', head('GET /ws', ...WEBSOCKET)],
  ['an upgrade that is ignored', head('POST /api/hook', ...WEBSOCKET, 'Content-Length: 10') + 'half'],
  ['the whole server as its target', head('OPTIONS *')],
  ['a tunnel', head('CONNECT localhost:443')],
])('a gateway stops while a connection is open that has sent %s', async (_name, text) => {
  const { gateway, close } = await setUp(0);
  const connection = await openRaw(gateway.port);
  connection.send(text);
  // The gateway has read the other connection's bytes before it responds here.
  expect(await isRefused(gateway.port)).toBe(false);
  await gateway.services.stop();
  await connection.ended;
  connection.close();
  close();
});

describe('a server that closes', () => {
  const startServer = async () => {
    const responses: ServerResponse[] = [];
    const server = createServer((_request, response) => void responses.push(response));
    const connections = trackConnections(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const whole = await openRaw((server.address() as AddressInfo).port);
    whole.send(head('GET /', 'Connection: close'));
    await eventually(() => expect(responses).toHaveLength(1));
    return { server, connections, whole, response: responses[0]! };
  };

  test('waits for the answer of a whole request', async () => {
    const { server, connections, whole, response } = await startServer();
    const half = await openRaw((server.address() as AddressInfo).port);
    half.send('GET / HTT');
    const closed = closeServer(server, connections, { graceMs: 0, limitMs: 20_000 });
    await half.ended;
    response.end('late');
    expect(await whole.ended).toContain('late');
    await closed;
    for (const connection of [whole, half]) connection.close();
  });

  test('closes a request that has no answer at the limit', async () => {
    const { server, connections, whole } = await startServer();
    await closeServer(server, connections, { graceMs: 0, limitMs: 100 });
    expect(await whole.ended).toBe('');
    whole.close();
  });
});
