import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type ChannelModel, type ConfirmChannel } from 'amqplib';
import { addServiceUsers, startEvents, type TestEvents } from '../../broker/events/testing/start-events.ts';
import { declareTopology } from '../../broker/events/topology.ts';
import { startRabbit, type TestRabbit } from '../../broker/testing/rabbitmq.ts';
import { eventually } from '../../broker/testing/eventually.ts';
import { moveOldQueues } from './upgrade.ts';

const MAIN = 'facts.subscriber';
const DEAD = `${MAIN}.dead`;
const DELAYS_MS = [200, 800, 3_200, 12_800];
const retry = (tries: number) => `${MAIN}.retry.${tries}`;
const OLD_QUEUES = [MAIN, DEAD, ...DELAYS_MS.map((_delay, index) => retry(index + 1))];

/** The topology of the version before, word for word. */
const declareOldTopology = async (channel: ConfirmChannel): Promise<void> => {
  const handedTo = (queue: string) => ({
    'x-queue-type': 'quorum',
    'x-dead-letter-exchange': '',
    'x-dead-letter-routing-key': queue,
    'x-dead-letter-strategy': 'at-least-once',
    'x-overflow': 'reject-publish',
  });
  await channel.assertExchange('facts', 'topic', { durable: true });
  const dead = { 'x-queue-type': 'quorum', 'x-delivery-limit': 1_000_000_000 };
  await channel.assertQueue(DEAD, { durable: true, arguments: dead });
  const main = { ...handedTo(DEAD), 'x-delivery-limit': 5 };
  await channel.assertQueue(MAIN, { durable: true, arguments: main });
  for (const [index, delayMs] of DELAYS_MS.entries()) {
    const delayed = { ...handedTo(MAIN), 'x-message-ttl': delayMs };
    await channel.assertQueue(retry(index + 1), { durable: true, arguments: delayed });
  }
  await channel.bindQueue(MAIN, 'facts', 'publisher.said');
};

let rabbit: TestRabbit;
let operator: ChannelModel;
let app: TestEvents | null = null;
beforeAll(async () => {
  rabbit = await startRabbit();
  await addServiceUsers(rabbit);
  // What the version before allowed.
  await rabbit.addUsers({ publisher: ['.*', '.*', '.*'], subscriber: ['.*', '.*', '.*'] });
}, 90_000);
afterAll(() => rabbit.stop(), 30_000);
beforeEach(async () => {
  operator = await connect(rabbit.urlOf('operator'));
  operator.on('error', () => undefined);
});
afterEach(async () => {
  await app?.stop();
  app = null;
  await operator.close().catch(() => undefined);
});

const as = async (user: string, use: (channel: ConfirmChannel) => Promise<unknown> | unknown) => {
  const model = await connect(rabbit.urlOf(user));
  const channel = await model.createConfirmChannel();
  await use(channel);
  await channel.waitForConfirms();
  await model.close();
};

const content = (word: string) => Buffer.from(JSON.stringify({ word }));
const optionsOf = (word: string, userId: string, headers: object = {}) => ({
  persistent: true,
  messageId: `fct_${word}`,
  type: 'publisher.said',
  contentType: 'application/json',
  timestamp: 1_700_000_000,
  userId,
  headers: { version: 2, occurredAtMs: 1_700_000_000_000, requestId: `req_${word}`, ...headers },
});
const failed = {
  attempts: 3,
  toldBy: 'publisher',
  firstFailureAt: '2026-01-01T00:00:00.000Z',
  lastFailureAt: '2026-01-01T00:00:05.000Z',
  cause: 'Error: no disk',
  origin: MAIN,
};

/** Events as the version before left them: waiting, between two tries, and given up. */
const leaveOldEvents = async (): Promise<void> => {
  await as('operator', declareOldTopology);
  await as('publisher', (channel) => {
    for (const word of ['waiting', 'twice'])
      channel.publish('facts', 'publisher.said', content(word), optionsOf(word, 'publisher'));
  });
  await as('operator', (channel) => {
    channel.sendToQueue(
      MAIN,
      content('replayed'),
      optionsOf('replayed', 'operator', { toldBy: 'publisher' }),
    );
  });
  await as('subscriber', (channel) => {
    const own = (word: string) => optionsOf(word, 'subscriber', failed);
    channel.sendToQueue(retry(4), content('retried'), own('retried'));
    // Its delay ends while the queues are emptied.
    channel.sendToQueue(retry(1), content('expiring'), own('expiring'));
    channel.sendToQueue(DEAD, content('dead'), own('dead'));
    channel.sendToQueue(MAIN, content('forged'), optionsOf('forged', 'subscriber'));
  });
  await as('operator', (channel) => declareTopology(channel, 'subscriber', ['publisher.said']));
};

const subscribe = async (): Promise<TestEvents> => (app = await startEvents(rabbit));

const oldQueuesLeft = async (): Promise<string[]> =>
  (await rabbit.ctl('list_queues', 'name', '--no-table-headers'))
    .split('\n')
    .filter((name) => OLD_QUEUES.includes(name));

const ALL = ['expiring', 'replayed', 'retried', 'sentinel', 'twice', 'waiting'];

/** Handles what was moved, and a last event published afterwards. */
const expectEachHandledOnce = async (events: TestEvents): Promise<void> => {
  await eventually(async () => (await events.handled()).length >= ALL.length - 1, 25_000);
  await events.say('sentinel');
  await eventually(async () => (await events.handled()).includes('sentinel'));
  expect(await events.handled()).toEqual(ALL);
};

describe('the upgrade from the version that called events facts', () => {
  it('moves every message: each is handled once, and dead letters can be replayed', async () => {
    await leaveOldEvents();
    expect(await moveOldQueues(operator, 'operator', ['subscriber'])).toBe(7);
    expect(await oldQueuesLeft()).toEqual([]);
    expect(await rabbit.ctl('list_exchanges', 'name')).not.toMatch(/^facts$/m);
    const events = await subscribe();
    await expectEachHandledOnce(events);
    const letters = await events.deadLetters.list();
    expect(letters.find(({ id }) => id === 'fct_dead')).toMatchObject({
      ...{ service: 'subscriber', event: 'publisher.said', version: 2, requestId: 'req_dead' },
      ...{ attempts: 3, cause: 'Error: no disk' },
      ...{ firstFailureAt: failed.firstFailureAt, lastFailureAt: failed.lastFailureAt },
    });
    // A forged event stays forged.
    expect(letters.map(({ id }) => id).sort()).toEqual(['fct_dead', 'fct_forged']);
    expect(await events.deadLetters.replay(['fct_dead'])).toHaveLength(1);
    await eventually(async () => (await events.handled()).includes('dead'));
    expect(await events.handled()).toEqual(['dead', ...ALL]);
  }, 60_000);

  it('goes on where it was interrupted; what was moved twice is handled once', async () => {
    await leaveOldEvents();
    const dying = await connect(rabbit.urlOf('operator'));
    const open = dying.createConfirmChannel.bind(dying);
    dying.createConfirmChannel = async () => {
      const channel = await open();
      // Everything is published and confirmed, nothing is acknowledged.
      channel.ack = ({ fields }) => {
        if (fields.routingKey === MAIN || fields.routingKey === 'publisher.said') throw new Error('killed');
      };
      return channel;
    };
    await expect(moveOldQueues(dying, 'operator', ['subscriber'])).rejects.toThrow('killed');
    await dying.close();
    expect(await moveOldQueues(operator, 'operator', ['subscriber'])).toBe(7);
    const events = await subscribe();
    await expectEachHandledOnce(events);
    expect(await events.deadLetters.replay(['fct_dead'])).toHaveLength(2);
    await eventually(async () => (await events.handled()).includes('dead'));
    await events.say('zzz');
    await eventually(async () => (await events.handled()).includes('zzz'));
    expect(await events.handled()).toEqual(['dead', ...ALL, 'zzz']);
  }, 60_000);

  it('waits until RabbitMQ has taken messages back from a process that died', async () => {
    await leaveOldEvents();
    const dying = await connect(rabbit.urlOf('operator'));
    await (await dying.createChannel()).get(DEAD);
    const moved = moveOldQueues(operator, 'operator', ['subscriber']);
    await sleep(500);
    await dying.close();
    expect(await moved).toBe(7);
  }, 60_000);

  it('finds nothing to do a second time and on a new RabbitMQ', async () => {
    expect(await moveOldQueues(operator, 'operator', ['subscriber'])).toBeNull();
  });

  it('refuses while a process of the version before consumes', async () => {
    await as('operator', declareOldTopology);
    const channel = await operator.createChannel();
    await channel.consume(MAIN, () => undefined);
    await expect(moveOldQueues(operator, 'operator', ['subscriber'])).rejects.toThrow('has consumers');
    expect(await oldQueuesLeft()).toHaveLength(OLD_QUEUES.length);
  });
});
