import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { throwAwayRabbit } from '../../broker/testing/rabbitmq.ts';
import { eventually } from '../../broker/testing/eventually.ts';
import { admin } from '../../shared/contracts/admin/admin.ts';
import type { SystemProcess } from '../../shared/contracts/admin/system.ts';
import { startAdmin, type AdminApp } from './testing/start-admin.ts';

const SEEN_WITHIN_MS = 5_000;

let app: AdminApp;
let url: string;
const children: ChildProcess[] = [];
beforeAll(async () => {
  url = (await throwAwayRabbit()).url;
  const key = () => randomBytes(32).toString('base64url');
  app = await startAdmin({ RABBITMQ_URL: url, SERVICE_KEY_ADMIN: key(), SERVICE_KEY_AUTH: key() });
}, 90_000);
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await app.stop();
});

const startPeer = async (replica: number): Promise<ChildProcess> => {
  const env = JSON.stringify({ RABBITMQ_URL: url, REPLICA: String(replica) });
  const child = fork('services/admin/testing/peer-process.ts', [env], { execArgv: [] });
  children.push(child);
  await new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', reject);
  });
  return child;
};
const system = () => app.call(admin.actions.system, {}, { as: app.administrator });
const peer = async (replica: string): Promise<SystemProcess | undefined> =>
  (await system()).processes.find((one) => one.services.includes('peer') && one.replica === replica);
const isIn = (replica: number, state: SystemProcess['state']) =>
  eventually(async () => (await peer(String(replica)))?.state === state, SEEN_WITHIN_MS);

describe('over RabbitMQ administrators see', () => {
  it('each process with what it says of itself', async () => {
    await startPeer(1);
    await isIn(1, 'up');
    expect(await peer('1')).toMatchObject({
      services: ['peer'],
      version: expect.stringMatching(/^\d/),
      nodeVersion: process.version,
      memoryBytes: expect.any(Number),
      dependencies: expect.arrayContaining([expect.objectContaining({ name: 'RabbitMQ', ok: true })]),
    });
    const { rabbitmq, services } = await system();
    expect(rabbitmq).toMatch(/^\d+\.\d+/);
    const own = async () => (await system()).services.find(({ name }) => name === 'admin');
    await eventually(async () => expect((await own())?.queue).toMatchObject({ dead: 0, consumers: 1 }));
    // No process serves these: a service that should be there is not left out.
    expect(services.find(({ name }) => name === 'payments')).toMatchObject({ readBy: null, queue: null });
  });

  it('one that is killed within five seconds, and its successor in its place', async () => {
    const child = await startPeer(2);
    await isIn(2, 'up');
    child.kill('SIGKILL');
    await isIn(2, 'died');
    await startPeer(2);
    await isIn(2, 'up');
    const { processes } = await system();
    expect(processes.filter(({ replica }) => replica === '2')).toHaveLength(1);
  }, 30_000);

  it('one that stands still within five seconds, and that it is back', async () => {
    const child = await startPeer(3);
    await isIn(3, 'up');
    child.kill('SIGSTOP');
    // RabbitMQ ends the connection of a process that sends no heartbeat for some seconds.
    await eventually(async () => (await peer('3'))?.state !== 'up', SEEN_WITHIN_MS);
    expect(await peer('3')).toMatchObject({ memoryBytes: null, answerMs: null, dependencies: [] });
    child.kill('SIGCONT');
    await isIn(3, 'up');
  }, 30_000);

  it('one that stops on a signal as stopped, not as dead', async () => {
    const child = await startPeer(4);
    await isIn(4, 'up');
    child.kill('SIGTERM');
    await isIn(4, 'stopped');
    const statesOf = async () => {
      const { changes } = await app.call(admin.actions.systemHistory, {}, { as: app.administrator });
      return changes.filter(({ replica }) => replica === '4').map(({ state }) => state);
    };
    await eventually(async () => expect(await statesOf()).toEqual(['stopped', 'up']));
  }, 30_000);
});
