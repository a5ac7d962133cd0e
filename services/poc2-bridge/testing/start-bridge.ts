import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { connect } from 'amqplib';
import { Redis } from 'ioredis';
import * as z from 'zod/mini';
import { startRedis } from '../../../broker/cache/testing/start-redis.ts';
import { subscribe, type Subscriber } from '../../../broker/events/inbox.ts';
import { accessOver, deadLettersOnRabbitmq } from '../../../broker/events/rabbitmq-dead-letters.ts';
import { freePort } from '../../../broker/postgres/embedded-folder.ts';
import { processEnv } from '../../../broker/process/config.ts';
import { defineService, type AnyServiceDefinition, type Service } from '../../../broker/process/service.ts';
import { eventually } from '../../../broker/testing/eventually.ts';
import { fakeService } from '../../../broker/testing/fake-service.ts';
import { startServices, type TestServices } from '../../../broker/testing/start-services.ts';
import { openTestDatabase } from '../../../broker/testing/test-database.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { contract } from '../../../shared/contracts/contract.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { payments } from '../../../shared/contracts/payments.ts';
import { poc2Bridge } from '../../../shared/contracts/poc2-bridge.ts';
import { service as bridge } from '../poc2-bridge.service.ts';

const noMigrations = new URL('../../../broker/events/no-migrations/', import.meta.url);
const databaseOf = (service: string) => ({
  env: `${service.toUpperCase()}_DATABASE_URL`,
  migrations: noMigrations,
  poolSize: () => 10,
});

/** Only publishes: the events of its contract are given with each publication. */
const publisher = defineService({
  contract: contract(payments.service, { actions: {}, events: {} }),
  config: z.object({}),
  actions: {},
  database: databaseOf('payments'),
});

const user = {
  id: `usr_${'1'.repeat(32)}` as UserId,
  email: 'customer@example.com',
  name: 'Customer',
  role: 'CUSTOMER',
  status: 'active',
  createdAt: '2026-11-30T12:00:00.000Z',
  version: 1,
} as const;
const fakeAuth: AnyServiceDefinition = {
  ...fakeService({ ...auth, events: {} }, { findUser: async () => ({ user }) }),
  database: databaseOf('auth'),
};

/** What our listener received of POC-2. */
export type ReceivedEvent = { event: string; sequence: number; entity: string | null; poc2_id: string };
/** What POC-2 received. */
export type SentMessage = { channel: string; id: string; source: string; data: Record<string, unknown> };

const { refused: _refused, ...saidByPoc2 } = poc2Bridge.events;

const listener = (react: (event: string, service: Service) => Promise<void>): AnyServiceDefinition =>
  defineService({
    contract: contract('listener', { actions: {}, events: {} }),
    config: z.object({}),
    actions: {},
    database: databaseOf('listener'),
    subscribers: Object.values(saidByPoc2).map((event) =>
      subscribe(event as typeof poc2Bridge.events.auditCreated, async (own: Service, { payload, tx }) => {
        await tx.query('insert into received values ($1, $2, $3, $4)', [
          event.name,
          payload.sequence,
          payload.entity,
          payload.poc2Id,
        ]);
        await react(event.name, own);
      }),
    ) as Subscriber<Service<Record<string, never>, undefined>>[],
  });

/**
 * POC-2's Redis, RabbitMQ, a publisher of our events, a listener to those of POC-2, and bridges between them.
 * @param vhost the address of a RabbitMQ of its own
 * @param react what a service of ours does because of an event of POC-2
 */
export const startBridgeWorld = async (
  vhost: string,
  react: (event: string, service: Service) => Promise<void> = async () => undefined,
) => {
  // The bridge has a user of its own, whose rights a test can change.
  const redis = await startRedis('--user', 'bridge', 'on', 'nopass', '~*', '&*', '+@all');
  const database = await openTestDatabase({
    poolSize: 3,
    migrations: new URL('../migrations/', import.meta.url),
  });
  const env: Record<string, string> = {
    RABBITMQ_URL: vhost,
    SERVICE_KEY_AUTH: randomBytes(32).toString('base64url'),
    POC2_BRIDGE_DATABASE_URL: database.url,
    POC2_BRIDGE_REDIS_URL: redis.url.replace('//', '//bridge:any@'),
    POC2_BRIDGE_SCHEMES: 'colon-three,colon-two',
  };
  const ours = await startServices([publisher, fakeAuth, listener(react)], { env });
  const listenerDb = ours.service('listener').db;
  await listenerDb.query('create table received (event text, sequence bigint, entity text, poc2_id text)');
  const poc2 = new Redis(redis.url);
  const poc2Listener = new Redis(redis.url);
  const sent: SentMessage[] = [];
  poc2Listener.on('pmessage', (_pattern: string, channel: string, text: string) => {
    if (!text.startsWith('{"id":"evt_')) return;
    const { id, source, data } = JSON.parse(text) as SentMessage;
    if (source === 'payloom') sent.push({ channel, id, source, data });
  });
  await poc2Listener.psubscribe('*');
  const model = await connect(vhost);
  const stops: (() => Promise<void>)[] = [];
  /** Waits until so many bridges have subscribed. */
  const subscribed = async (count: number): Promise<void> => {
    await eventually(async () => {
      const clients = String(await poc2.client('LIST')).split('\n');
      return clients.filter((line) => /-from-poc2 .* psub=[1-9]/.test(line)).length === count;
    }, 20_000);
  };
  let running = 0;
  const bridges = {
    start: async (): Promise<TestServices> => {
      const started = await startServices([bridge], { env });
      stops.push(started.stop);
      await subscribed(++running);
      return started;
    },
    stop: async ({ stop }: TestServices): Promise<void> => {
      stops.splice(stops.indexOf(stop), 1);
      await stop();
      await subscribed(--running);
    },
    /** In a process of its own, as in a stack. @returns what kills it */
    spawn: async (): Promise<() => Promise<void>> => {
      const child = fork('broker/process/start.ts', [], {
        execArgv: [],
        stdio: 'ignore',
        env: {
          PATH: processEnv()['PATH'],
          ...env,
          NODE_ENV: 'production',
          SERVICES: 'poc2-bridge',
          METRICS_PORT: String(await freePort()),
        },
      });
      const ended = new Promise((resolve) => child.once('exit', resolve));
      const kill = async () => {
        child.kill('SIGKILL');
        await ended;
      };
      stops.push(kill);
      await subscribed(++running);
      return async () => {
        stops.splice(stops.indexOf(kill), 1);
        await kill();
        await subscribed(--running);
      };
    },
  };
  return {
    redis,
    poc2,
    bridges,
    subscribed,
    /** The bridge's own database. */
    db: database.db,
    ours,
    sent,
    received: () => listenerDb.query<ReceivedEvent>('select * from received order by sequence'),
    deadLetters: deadLettersOnRabbitmq('poc2-bridge', accessOver(model, 'test')),
    stop: async (): Promise<void> => {
      await Promise.all(stops.map((stop) => stop()));
      await ours.stop();
      poc2.disconnect();
      poc2Listener.disconnect();
      await model.close();
      await redis.end();
      await database.end();
    },
  };
};
export type BridgeWorld = Awaited<ReturnType<typeof startBridgeWorld>>;
