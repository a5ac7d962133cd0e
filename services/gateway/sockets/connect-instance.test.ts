import { createServer, type AddressInfo, type Server } from 'node:net';
import { settableClock } from '../../../broker/process/clock.ts';
import { reach } from './reach.ts';
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

/** An address that was listened at a moment ago. */
const abandoned = async (): Promise<string> => {
  const address = await listening();
  await new Promise((resolve) => servers.pop()?.close(resolve));
  return address;
};

const instancesAt = (...addresses: string[]) =>
  addresses.map((address, index) => ({ nodeId: `realtime-${index}-aaaaaa`, address }));

it('finds the process that takes connections beside those that were killed', async () => {
  const [dead, alive] = [await abandoned(), await listening()];
  const replicas = replicasOf(() => instancesAt(dead, dead, alive), settableClock());
  for (let turn = 0; turn < 4; turn++) expect(await reach(replicas)).toBe(alive);
});

it('waits for one that starts', async () => {
  const dead = await abandoned();
  let instances: ReturnType<typeof instancesAt> = [];
  const reached = reach(replicasOf(() => instances, settableClock()));
  await new Promise((resolve) => setTimeout(resolve, 100));
  instances = instancesAt(dead);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await listening(Number(new URL(dead).port));
  expect(await reached).toBe(dead);
});

it('says after a while that there is none', async () => {
  const dead = await abandoned();
  for (const instances of [[], instancesAt(dead)]) {
    await expect(reach(replicasOf(() => instances, settableClock()))).rejects.toMatchObject({
      code: 'unavailable',
    });
  }
});
