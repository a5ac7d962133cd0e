import { createServer, type AddressInfo, type Server } from 'node:net';
import { eventually } from '../../../broker/testing/eventually.ts';
import { settableClock } from '../../../broker/process/clock.ts';
import { connectableInstance } from './connect-instance.ts';
import { replicasOf } from './replicas.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

const listening = async (port = 0): Promise<string> => {
  const server = createServer((socket) => socket.destroy());
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

/** An address on which a server listened and has closed. */
const abandoned = async (): Promise<string> => {
  const address = await listening();
  await new Promise((resolve) => servers.pop()?.close(resolve));
  return address;
};

const instancesAt = (...addresses: string[]) =>
  addresses.map((address, index) => ({ nodeId: `realtime-${index}-aaaaaa`, address }));

it('finds the process that takes connections among those that were killed', async () => {
  const [dead, alive] = [await abandoned(), await listening()];
  const replicas = replicasOf(() => instancesAt(dead, dead, alive), settableClock());
  for (let turn = 0; turn < 4; turn++) expect(await connectableInstance(replicas)).toBe(alive);
});

it('waits for a process that starts', async () => {
  const dead = await abandoned();
  let instances: ReturnType<typeof instancesAt> = [];
  let lookups = 0;
  const replicas = replicasOf(() => {
    lookups += 1;
    return instances;
  }, settableClock());
  const found = connectableInstance(replicas);
  await eventually(() => lookups > 1);
  instances = instancesAt(dead);
  const before = lookups;
  // The second look comes after the first connection was refused.
  await eventually(() => lookups > before + 1);
  await listening(Number(new URL(dead).port));
  expect(await found).toBe(dead);
});

it('fails with unavailable when there is none', async () => {
  const dead = await abandoned();
  for (const instances of [[], instancesAt(dead)]) {
    await expect(connectableInstance(replicasOf(() => instances, settableClock()))).rejects.toMatchObject({
      code: 'unavailable',
    });
  }
});
