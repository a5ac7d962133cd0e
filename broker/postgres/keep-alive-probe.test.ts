import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientBase } from 'pg';
import { pino } from 'pino';
import { eventually } from '../testing/eventually.ts';
import { probeConnection } from './keep-alive-probe.ts';

const log = pino({ level: 'silent' });
const TOO_MANY = Buffer.from('SFATAL\0C53300\0Mtoo many clients\0\0', 'latin1');

/** PostgreSQL's refusal of a connection, as a message. */
const refusal = (): Buffer => {
  const head = Buffer.from('E\0\0\0\0', 'latin1');
  head.writeInt32BE(TOO_MANY.length + 4, 1);
  return Buffer.concat([head, TOO_MANY]);
};

const servers: Server[] = [];
const listen = async (onSocket: (socket: Socket) => void): Promise<number> => {
  const server = createServer(onSocket);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};
afterAll(() => servers.forEach((server) => server.close()));

/** A probe of a connection whose statement does not end, and whether the probe gave it up. */
const probing = (port: number) => {
  const state = { givenUp: false };
  const client = {
    connection: { stream: { destroy: () => (state.givenUp = true) } },
  } as unknown as ClientBase;
  const probe = probeConnection(`postgres://user:password@127.0.0.1:${port}/db`, log);
  probe.began(client);
  return { state, stop: probe.stop };
};

describe('a connection whose statement takes long', () => {
  it('is given up when the server cannot be reached', async () => {
    const port = await listen(() => undefined);
    await new Promise((resolve) => servers.at(-1)?.close(resolve));
    const { state, stop } = probing(port);
    await eventually(() => state.givenUp);
    stop();
  });

  it('is kept when the server is slow, and even when it refuses another one', async () => {
    let answered = false;
    const port = await listen(async (socket) => {
      await sleep(1_500);
      socket.end(refusal());
      answered = true;
    });
    const { state, stop } = probing(port);
    await eventually(() => answered);
    await sleep(100);
    expect(state.givenUp).toBe(false);
    stop();
  });
});
