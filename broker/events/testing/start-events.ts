import { connect, type ChannelModel } from 'amqplib';
import * as z from 'zod/mini';
import { contract, earlier, type Event, type PayloadOf } from '../../../shared/contracts/contract.ts';
import { connectAmqp, type Amqp } from '../../amqp/connection.ts';
import { systemClock, type Clock } from '../../process/clock.ts';
import { processEnv } from '../../process/config.ts';
import { createLogger } from '../../process/logger.ts';
import type { Database } from '../../postgres/database.ts';
import type { Permissions, TestRabbit } from '../../testing/rabbitmq.ts';
import { openTestDatabase, type TestDatabase } from '../../testing/test-database.ts';
import { deadLettersInDatabase, type DeadLetters } from '../dead-letters.ts';
import type { EventMessage } from '../event-message.ts';
import type { Subscription, Hub } from '../hub.ts';
import { inProcessHub } from '../in-process-hub.ts';
import { subscribe, type Subscriber } from '../inbox.ts';
import { createOutbox, type Outbox } from '../outbox.ts';
import { startRelay } from '../relay.ts';
import { accessOver, deadLettersOnRabbitmq } from '../rabbitmq-dead-letters.ts';
import { rabbitmqHub } from '../rabbitmq-hub.ts';
import { publisherOf, republish } from '../wire.ts';
import type { Worker } from '../../process/worker.ts';

/** A publishing service. The first version of `said` had a field `text`. */
export const publisher = contract('publisher', {
  actions: {},
  events: {
    said: {
      summary: 'Something was said',
      version: 2,
      payload: z.object({ word: z.string() }),
      subscribers: ['subscriber'],
      earlier: { 1: earlier(z.object({ text: z.string() }), ({ text }) => ({ word: text })) },
    },
    moved: {
      summary: 'A thing is somewhere else',
      version: 1,
      payload: z.object({ thing: z.string(), to: z.string(), version: z.int() }),
      subscribers: ['subscriber'],
    },
    noted: { summary: 'No service subscribes to this', version: 1, payload: z.object({}) },
  },
});

/** What a subscriber does besides recording the event; throws to fail. */
export type Behaviour = (text: string, db: Database) => Promise<void> | void;

export type TestEvents = {
  publisherDb: Database;
  subscriberDb: Database;
  outbox: Outbox;
  hub: Hub;
  deadLetters: DeadLetters;
  /** Publishes an event with a change, as a service does. */
  say(word: string): Promise<void>;
  publish<F extends Event>(event: F, payload: PayloadOf<F>): Promise<void>;
  /** A message as the relay publishes it; `deliver` publishes it directly. */
  message(over: Partial<EventMessage>): EventMessage;
  deliver(...messages: EventMessage[]): Promise<void>;
  /** The effects in the subscriber's database, in alphabetical order. */
  handled(): Promise<string[]>;
  /** Starts another process of the subscribing service. */
  subscribeAgain(over?: Partial<Subscription<never>>): Promise<Worker>;
  stopRelay(): Promise<void>;
  stopSubscription(): Promise<void>;
  /** Makes events that wait for their next attempt due now. */
  hurry(): Promise<void>;
  stop(): Promise<void>;
};

const QUEUES = [
  'events.subscriber',
  'events.subscriber.dead',
  ...[1, 2, 3, 4, 5].map((n) => `events.subscriber.retry.${n}`),
];
const permission = (service: string) =>
  String.raw`^(MOL\.[A-Z]+(\.${service}-.*)?|events|events\.${service}(\..*)?)$`;

const permissionsOf = (service: string): Permissions => {
  const own = permission(service);
  return [own, `${own}|^amq\\.default$`, own];
};

/** The publisher declares the queue of its subscriber, or may only bind it as in a stack. */
const publisherPermissions = (mayDeclare: boolean): Permissions => {
  const [own, write] = permissionsOf('publisher');
  const queue = String.raw`|^events\.subscriber$`;
  return mayDeclare ? [own + queue, write + queue, own + queue] : [own, write + queue, own];
};

const USERS: Readonly<Record<string, Permissions>> = {
  publisher: publisherPermissions(true),
  subscriber: permissionsOf('subscriber'),
  operator: ['.*', '.*', '.*'],
};

export const allowDeclaring = async (rabbit: TestRabbit, mayDeclare: boolean): Promise<void> => {
  await rabbit.addUsers({ publisher: publisherPermissions(mayDeclare) });
};

const TOPICS = { publisher: String.raw`^publisher\.`, subscriber: String.raw`^subscriber\.` };

/** Gives the users their permissions again, after the vhost was deleted. */
export const allowServices = async (rabbit: TestRabbit): Promise<void> => {
  await rabbit.addUsers({ ...USERS, test: ['.*', '.*', '.*'] }, TOPICS);
};

/** Adds the users of both services with the permissions of services, and an operator. */
export const addServiceUsers = (rabbit: TestRabbit): Promise<void> => rabbit.addUsers(USERS, TOPICS);

/** A throw-away database with the broker's tables. */
export const openEventsDatabase = (name: string): Promise<TestDatabase> =>
  openTestDatabase({ poolSize: 8, name, migrations: new URL('../no-migrations/', import.meta.url) });

const subscribersWith = (behaviour: Behaviour, db: Database): Subscriber<never>[] => [
  subscribe(publisher.events.said, async (_service, { payload, tx }) => {
    await tx.query('insert into handled (text) values ($1)', [payload.word]);
    await behaviour(payload.word, db);
  }),
  subscribe(
    publisher.events.moved,
    async (_service, { payload, tx }) => {
      await tx.query('insert into handled (text) values ($1)', [`${payload.thing} ${payload.to}`]);
    },
    { latest: { key: ({ thing }) => thing, version: ({ version }) => version } },
  ),
];

const subscribers = new Map([
  [publisher.events.said.name, ['subscriber']],
  [publisher.events.moved.name, ['subscriber']],
]);

/** The hubs of both services: one and the same, or each with a login of its own. */
const openHubs = async (rabbit: TestRabbit | null) => {
  const log = createLogger({ level: processEnv()['TEST_LOG'] ?? 'silent' });
  if (!rabbit) {
    const hub = inProcessHub();
    return { hubs: [hub, hub] as const, model: null, end: async () => undefined };
  }
  const open = (user: string): Promise<Amqp> =>
    connectAmqp({ urls: [rabbit.urlOf(user)], name: `${user}-1`, log });
  const [publishing, subscription] = await Promise.all([open('publisher'), open('subscriber')]);
  const model: ChannelModel = await connect(rabbit.urlOf('operator'));
  model.on('error', () => undefined);
  const hubs = [
    await rabbitmqHub({ amqp: publishing, log, nodeId: 'publisher-1', subscribers }),
    await rabbitmqHub({ amqp: subscription, log, nodeId: 'subscriber-1' }),
  ] as const;
  const end = async () => {
    await Promise.all([publishing.close(), subscription.close()]);
    await model.close().catch(() => undefined);
    const last = await connect(rabbit.url);
    const channel = await last.createChannel();
    for (const queue of QUEUES) await channel.deleteQueue(queue);
    await last.close();
  };
  return { hubs, model, end };
};

/** Moves messages that wait for their next attempt to the main queue, as the end of their delay does. */
const emptyRetryQueues = async (model: ChannelModel): Promise<void> => {
  const channel = await model.createConfirmChannel();
  for (const queue of QUEUES.filter((name) => name.includes('.retry.'))) {
    const { messageCount } = await channel.checkQueue(queue);
    for (let left = messageCount; left > 0; left--) {
      const raw = await channel.get(queue);
      if (!raw) break;
      const { content, options } = republish(raw, 'events.subscriber', 'operator', {
        publishedBy: publisherOf(raw.properties, 'subscriber'),
      });
      channel.sendToQueue('events.subscriber', content, options);
      await channel.waitForConfirms();
      channel.ack(raw);
    }
  }
  await channel.close();
};

/** A publisher and a subscriber with a hub between them: RabbitMQ where one is given. */
export const startEvents = async (
  rabbit: TestRabbit | null,
  behaviour: Behaviour = () => undefined,
  clock: Clock = systemClock,
): Promise<TestEvents> => {
  const log = createLogger({ level: processEnv()['TEST_LOG'] ?? 'silent' });
  const { db: publisherDb, end: stopPublisher } = await openEventsDatabase('publisher');
  const { db: subscriberDb, end: stopSubscriber } = await openEventsDatabase('subscriber');
  await subscriberDb.query('create table handled (text text)');
  const { hubs, model, end } = await openHubs(rabbit);
  const [hub, subscriberHub] = hubs;
  const outbox = createOutbox(publisherDb, clock);
  const workers: Worker[] = [];
  const subscribeAgain: TestEvents['subscribeAgain'] = async (over = {}) => {
    const subscribers = subscribersWith(behaviour, subscriberDb);
    const own = { name: 'subscriber', service: null as never, db: subscriberDb, subscribers, clock, log };
    const worker = await subscriberHub.subscribe({ ...own, ...over });
    workers.push(worker);
    return worker;
  };
  const subscription = await subscribeAgain();
  const relay = startRelay('publisher', publisherDb, hub, log);
  workers.push(relay);
  const deadLetters = model
    ? deadLettersOnRabbitmq('subscriber', accessOver(model, 'operator'))
    : deadLettersInDatabase('subscriber', subscriberDb);
  const publish: TestEvents['publish'] = (event, payload) =>
    publisherDb.transaction((tx) => outbox.add(tx, event, payload));
  return {
    publisherDb,
    subscriberDb,
    outbox,
    hub,
    deadLetters,
    publish,
    say: (word) => publish(publisher.events.said, { word }),
    message: (over) => ({
      id: `evt_${over.payload}`,
      event: publisher.events.said.name,
      version: 2,
      payload: '{}',
      requestId: null,
      origin: null,
      occurredAtMs: clock.nowMs(),
      ...over,
    }),
    deliver: async (...messages) => {
      await hub.publish(messages);
    },
    handled: async () => {
      const rows = await subscriberDb.query<{ text: string }>('select text from handled order by text');
      return rows.map((row) => row.text);
    },
    subscribeAgain,
    stopRelay: relay.stop,
    stopSubscription: subscription.stop,
    hurry: async () => {
      if (model) await emptyRetryQueues(model);
      else await subscriberDb.query('update event_queue set next_attempt_at = now() where dead_at is null');
    },
    stop: async () => {
      await Promise.all(workers.map((worker) => worker.stop()));
      await end();
      await stopPublisher();
      await stopSubscriber();
    },
  };
};
