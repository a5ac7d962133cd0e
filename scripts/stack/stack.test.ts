import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { connect, type ConfirmChannel } from 'amqplib';
import { Client } from 'pg';
import { eventually } from '../../broker/testing/eventually.ts';
import { openStack, startOwnStack, startStack, type Stack } from './client.ts';
import { readState } from './folder.ts';

const LIMIT_MS = 120_000;

describe('a stack', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startOwnStack({ name: `test-${randomBytes(3).toString('hex')}`, demo: false });
  }, LIMIT_MS);
  afterAll(() => stack?.down({ delete: true }), LIMIT_MS);

  const unit = async (name: string) => {
    const found = (await stack.status()).units.find((one) => one.name === name);
    if (!found) throw new Error(`no ${name}`);
    return found;
  };

  it('runs two gateways and two payments, all ready', async () => {
    const { units } = await stack.status();
    expect(new Set(units.map(({ state }) => state))).toEqual(new Set(['ready']));
    const names = units.filter(({ kind }) => kind === 'process').map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['auth-1', 'gateway-1', 'gateway-2', 'payments-1', 'payments-2']),
    );
    const answers = await Promise.all(stack.gateways.map((url) => fetch(`${url}/health/ready`)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  });

  it('has a RabbitMQ user for each service and no default user', async () => {
    const users = await stack.rabbitmqctl(['list_users', '--no-table-headers']);
    const names = users.split('\n').flatMap((line) => line.split('\t')[0] || []);
    const services = [
      'admin',
      'analytics',
      'auth',
      'gateway',
      'payments',
      'processor-sandbox',
      'profile',
      'realtime',
    ];
    expect(names.sort()).toEqual([...services, 'operator'].sort());
  });

  it("lets no service use another's queue or publish another's events", async () => {
    const url = new URL(stack.env['RABBITMQ_URL'] ?? '');
    const secrets = readState(stack.folder)?.secrets;
    [url.username, url.password] = ['payments', secrets?.['rabbitmq password of payments'] ?? ''];
    const connection = await connect(url.href);
    connection.on('error', () => undefined);
    /** The reason for which RabbitMQ closes the channel. */
    const refusal = async (attempt: (channel: ConfirmChannel) => Promise<unknown>): Promise<string> => {
      const channel = await connection.createConfirmChannel();
      const closed = new Promise<string>((resolve) => {
        channel.once('error', (error: Error) => resolve(error.message));
      });
      return Promise.race([
        closed,
        attempt(channel).then(
          () => 'allowed',
          () => closed,
        ),
      ]);
    };
    const publish = (event: string) => (channel: ConfirmChannel) => {
      channel.publish('events', event, Buffer.from('{}'));
      return channel.waitForConfirms();
    };
    try {
      expect(await refusal((channel) => channel.assertQueue('events.auth'))).toMatch(/ACCESS.REFUSED/);
      expect(await refusal((channel) => channel.get('MOL.REQ.auth-1-abc'))).toMatch(/ACCESS.REFUSED/);
      expect(await refusal(publish('auth.userChanged'))).toMatch(/ACCESS.REFUSED/);
      expect(await refusal(publish('payments.nothing'))).toBe('allowed');
    } finally {
      await connection.close();
    }
  });

  it.each(['redis', 'postgres', 'payments-2', 'nginx'])(
    'restarts %s after a kill -9',
    async (name) => {
      const before = await unit(name);
      process.kill(before.pid ?? 0, 'SIGKILL');
      await eventually(async () => {
        const { state, restarts } = await unit(name);
        return state === 'ready' && restarts === before.restarts + 1;
      }, 15_000);
    },
    20_000,
  );

  it('has nginx in front of all gateways, with a certificate of the local authority', async () => {
    setDefaultCACertificates([...getCACertificates('default'), readFileSync(stack.authority, 'utf8')]);
    const answer = await fetch(`${stack.edge}/api/openapi.json`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'application/json; charset=utf-8',
    ]);
    const serversOf = () =>
      readFileSync(join(stack.folder, 'nginx/conf.d/site.conf'), 'utf8').match(/server 127\S+/g);
    expect(new Set(serversOf())).toHaveProperty('size', 2);
    await stack.scale('gateway', 3);
    expect(new Set(serversOf())).toHaveProperty('size', 3);
    await stack.scale('gateway', 2);
    expect(new Set(serversOf())).toHaveProperty('size', 2);
    expect((await fetch(`${stack.edge}/health/live`)).status).toBe(200);
  }, 30_000);

  it('scales a service up and down', async () => {
    await stack.scale('payments', 3);
    expect((await unit('payments-3')).state).toBe('ready');
    await stack.scale('payments', 2);
    await expect(unit('payments-3')).rejects.toThrow('no payments-3');
  }, 20_000);

  it('runs a temporary second replica while a single one is restarted', async () => {
    const { pid } = await unit('profile-1');
    let going = true;
    let least = Infinity;
    const look = async () => {
      let before = Infinity;
      while (going) {
        const { units } = await stack.status();
        const ready = units.filter(({ service, state }) => service === 'profile' && state === 'ready').length;
        // Processes are queried one by one, so one look may miss both at the moment of the change.
        least = Math.min(least, Math.max(before, ready));
        before = ready;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    const looking = look();
    await stack.restart('profile').finally(() => (going = false));
    await looking;
    expect(least).toBe(1);
    expect((await unit('profile-1')).pid).not.toBe(pid);
    await expect(unit('profile-2')).rejects.toThrow('no profile-2');
  }, 30_000);

  it('does not restart what was stopped until it is started', async () => {
    await stack.stop('gateway-2');
    expect((await unit('gateway-2')).state).toBe('stopped');
    await stack.start('gateway-2');
    expect((await unit('gateway-2')).state).toBe('ready');
  }, 20_000);

  it('lets the role of admin add to the audit log and change nothing in it', async () => {
    const client = new Client({ connectionString: stack.env['ADMIN_DATABASE_URL'] });
    await client.connect();
    try {
      await expect(client.query('select from entries limit 1')).resolves.toBeDefined();
      await expect(client.query('delete from entries')).rejects.toThrow('permission denied');
    } finally {
      await client.end();
    }
  });

  it('explains in one sentence what it cannot do', async () => {
    await expect(stack.stop('nothing')).rejects.toThrow('Nothing here is called nothing');
    await expect(stack.scale('processor-sandbox', 2)).rejects.toThrow('at most 1 time');
    await expect(openStack('nowhere')).rejects.toThrow('There is no stack "nowhere".');
    await expect(startStack({ name: stack.name, port: 4000 })).rejects.toThrow('has port');
  });
});
