import { createServer, type AddressInfo } from 'node:net';
import { prepareEmbedded, requireFreePorts } from './embedded.ts';
import { createLogger } from './logger.ts';
import { startFailure } from './start-failure.ts';

it('finds a taken port of any part before anything starts, and names its variable', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const error: unknown = await requireFreePorts({ PORT: 0, SANDBOX_PORT: port }).catch(
    (thrown: unknown) => thrown,
  );
  server.close();
  expect(startFailure(error, () => ({}))).toBe(
    `Port ${port} (SANDBOX_PORT) is in use. Stop what uses it, or choose another: PORT=3400 npm start`,
  );
  await requireFreePorts({ SANDBOX_PORT: port });
});

it('needs the ports of an instance only to listen on them, not beside one that runs', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const env = { PORT: String((server.address() as AddressInfo).port) };
  const log = createLogger({ level: 'silent' });
  await expect(prepareEmbedded([], env, log, { listens: true })).rejects.toThrow('EADDRINUSE');
  await expect(prepareEmbedded([], env, log)).resolves.toBeDefined();
  server.close();
});
