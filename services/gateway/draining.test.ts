import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { eventually } from '../../broker/testing/start-services.ts';
import { startGateway } from './testing/start-gateway.ts';

/** A client that keeps its one connection; says how it was answered, and whether on that connection. */
const client = (port: number) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const get = (path: string) =>
    new Promise<object>((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port, path, agent }, (answer) => {
        const { statusCode: status, headers } = answer.resume();
        answer.once('end', () => resolve({ status, says: headers.connection, reused: asked.reusedSocket }));
      });
      asked.once('error', reject).end();
    });
  return { get, idle: () => Object.keys(agent.freeSockets).length, leave: () => agent.destroy() };
};

const isRefused = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(false));
    socket.once('error', () => resolve(true)).once('connect', () => socket.destroy());
  });

const setUp = async (drainMs: number) => {
  const gateway = await startGateway({ env: { DRAIN_MS: String(drainMs) } });
  const { get, idle, leave } = client(gateway.port);
  await get('/health/live');
  await eventually(() => idle() === 1);
  return { gateway, get, idle, leave };
};

test('a gateway that stops takes no new connection, and answers once more on an open one', async () => {
  const { gateway, get, leave } = await setUp(5_000);
  const stopped = gateway.services.stop();
  await eventually(() => isRefused(gateway.port));
  expect(await get('/health/live')).toEqual({ status: 200, says: 'close', reused: true });
  await stopped;
  leave();
});

test('a gateway that stops ends a connection that stays idle', async () => {
  const { gateway, idle, leave } = await setUp(100);
  await gateway.services.stop();
  await eventually(() => idle() === 0);
  leave();
});
