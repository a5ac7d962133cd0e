import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { eventually } from '../../broker/testing/eventually.ts';
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
