import { connect, type ConfirmChannel } from 'amqplib';
import { connectAmqp } from '../amqp/connection.ts';
import { systemClock as clock } from '../process/clock.ts';
import { createLogger } from '../process/logger.ts';
import { startRabbit, type TestRabbit } from '../testing/rabbitmq.ts';
import { eventually } from '../testing/eventually.ts';
import { subscribe } from './inbox.ts';
import { rabbitmqHub } from './rabbitmq-hub.ts';
import { startRelay } from './relay.ts';
import {
  addServiceUsers,
  allowDeclaring,
  allowServices,
  startEvents,
  publisher,
  type TestEvents,
} from './testing/start-events.ts';

const log = createLogger({ level: 'silent' });
let rabbit: TestRabbit;
let app: TestEvents;
beforeAll(async () => {
  rabbit = await startRabbit();
  await addServiceUsers(rabbit);
}, 90_000);
afterAll(() => rabbit.stop(), 30_000);
beforeEach(async () => {
  app = await startEvents(rabbit);
});
afterEach(() => app.stop());

const areHandled = (words: readonly string[], limitMs = 10_000) =>
  eventually(async () => expect(await app.handled()).toEqual(words.toSorted()), limitMs);
/** Handles a sentinel after all of them, so that a late duplicate is seen. */
const areHandledOnce = async (words: readonly string[], limitMs = 10_000) => {
  await areHandled(words, limitMs);
  await app.say('~sentinel');
  await areHandled([...words, '~sentinel'], limitMs);
};
const dead = (count = 1) =>
  eventually(async () => {
    const letters = await app.deadLetters.list();
    return letters.length >= count && letters;
  }, 20_000);

const outbox = () => app.publisherDb.query<{ event: string }>('select event from outbox order by seq');
const isPublished = () => eventually(async () => expect(await outbox()).toEqual([]), 10_000);

/** Uses a channel of its own, as another program with this login would. */
const as = async (user: string, use: (channel: ConfirmChannel) => Promise<unknown>) => {
  const model = await connect(rabbit.urlOf(user));
  model.on('error', () => undefined);
  const channel = await model.createConfirmChannel();
  channel.on('error', () => undefined);
  try {
    await use(channel);
  } finally {
    await model.close().catch(() => undefined);
  }
};
const forged = (userId?: string) => ({
  messageId: 'evt_forged',
  type: 'publisher.said',
  userId,
  headers: { version: 2, occurredAtMs: 1 },
});
const body = Buffer.from('{"word":"forged"}');

describe('events over RabbitMQ', () => {
  it('are all handled once when RabbitMQ restarts in mid-stream', async () => {
    const words = Array.from({ length: 400 }, (_value, index) => `w${index}`);
    const publishing = (async () => {
      for (const word of words) await app.say(word);
    })();
    await eventually(async () => (await app.handled()).length > 50);
    await rabbit.ctl('stop_app');
    await rabbit.ctl('start_app');
    await publishing;
    await areHandledOnce(words, 30_000);
    expect(await app.deadLetters.list().catch(() => [])).toEqual([]);
  }, 90_000);

  it('are all handled once when all connections are closed in mid-stream', async () => {
    const words = Array.from({ length: 300 }, (_value, index) => `w${index}`);
    const publishing = (async () => {
      for (const word of words) await app.say(word);
    })();
    await eventually(async () => (await app.handled()).length > 20);
    await rabbit.ctl('close_all_connections', 'test');
    await publishing;
    await areHandledOnce(words, 20_000);
  }, 60_000);

  it('become dead letters when they are too big, with their bytes', async () => {
    const big = JSON.stringify({ word: 'x'.repeat(300_000) });
    await app.deliver(
      app.message({ id: 'evt_big', payload: big }),
      app.message({ id: 'evt_small', payload: '{"word":"small"}' }),
    );
    await areHandled(['small']);
    const [letter] = await dead();
    expect(letter).toMatchObject({
      id: 'evt_big',
      cause: 'it is too big: 300011 bytes, the limit is 262144',
    });
    expect(letter!.payload).toBe(big);
  });

  it('become dead letters when they have no id or name', async () => {
    await as('operator', async (channel) => {
      channel.sendToQueue('events.subscriber', Buffer.from([0, 255, 1]));
      await channel.waitForConfirms();
    });
    const [letter] = await dead();
    expect(letter).toMatchObject({ id: expect.stringMatching(/^raw_/), cause: 'it has no id or no name' });
  });

  it('become dead letters unless their own service published them, also after a replay', async () => {
    await as('operator', async (channel) => {
      channel.publish('events', 'publisher.said', body, forged());
      channel.publish('events', 'publisher.said', body, { ...forged('operator'), messageId: 'evt_operator' });
      await channel.waitForConfirms();
    });
    await as('subscriber', async (channel) => {
      channel.sendToQueue('events.subscriber', body, {
        ...forged('subscriber'),
        messageId: 'evt_subscriber',
      });
      await channel.waitForConfirms();
    });
    const letters = await dead(3);
    expect(letters.map(({ cause }) => cause).sort()).toEqual([
      'it was published by an unknown user, not by publisher',
      'it was published by operator, not by publisher',
      'it was published by subscriber, not by publisher',
    ]);
    expect(await app.deadLetters.replay('all')).toHaveLength(3);
    await dead(3);
    expect(await app.handled()).toEqual([]);
  });

  it("cannot be published under another user's name or on another service's topic", async () => {
    const lie = as('subscriber', async (channel) => {
      channel.sendToQueue('events.subscriber', body, forged('publisher'));
      await channel.waitForConfirms();
    });
    await expect(lie).rejects.toThrow();
    const trespass = as('subscriber', async (channel) => {
      channel.publish('events', 'publisher.said', body, forged('subscriber'));
      await channel.waitForConfirms();
    });
    await expect(trespass).rejects.toThrow();
    expect(await app.handled()).toEqual([]);
  });

  it('become dead letters when they end their process each time, and can be replayed', async () => {
    await app.stopSubscription();
    await app.deliver(app.message({ id: 'evt_end', payload: '{"word":"end"}' }));
    for (let life = 0; life < 6; life++) {
      await as('subscriber', async (channel) => {
        await eventually(() => channel.get('events.subscriber'));
      });
    }
    const [letter] = await dead();
    expect(letter).toMatchObject({ id: 'evt_end', attempts: null, cause: expect.stringContaining('ended') });
    await app.subscribeAgain();
    await app.deadLetters.replay(['evt_end']);
    await areHandled(['end']);
  }, 40_000);

  it('reach each process of a service without a database, which is notified of gaps', async () => {
    const amqp = await connectAmqp({ urls: [rabbit.urlOf('subscriber')], name: 'gateway-1', log });
    const hub = await rabbitmqHub({ amqp, log, nodeId: 'gateway-1' });
    const received: string[] = [];
    const calls: string[] = [];
    const worker = await hub.subscribe({
      name: 'subscriber',
      service: null as never,
      db: null,
      subscribers: [
        subscribe(publisher.events.said, async (_service, { payload }) => void received.push(payload.word)),
      ],
      clock,
      log,
      disconnected: () => void calls.push('disconnected'),
      resubscribed: () => void calls.push('resubscribed'),
    });
    await app.say('first');
    await eventually(() => received.includes('first'));
    await areHandled(['first']);
    expect(calls).toEqual([]);
    await rabbit.ctl('close_all_connections', 'test');
    await eventually(() => calls.includes('resubscribed'), 10_000);
    // In this order: between the two calls the state counts as unknown.
    expect(calls).toEqual(['disconnected', 'resubscribed']);
    await app.say('second');
    await eventually(() => received.includes('second'), 10_000);
    await worker.stop();
    await amqp.close();
  }, 40_000);
});

describe('events for a service without a queue', () => {
  const deleteQueue = (name: string) => as('operator', (channel) => channel.deleteQueue(name));
  /** The queue of another subscriber of the same event. */
  const bindOther = () =>
    as('operator', async (channel) => {
      await channel.assertQueue('events.other');
      await channel.bindQueue('events.other', 'events', 'publisher.said');
    });
  const depthOf = async (name: string) => {
    let depth = -1;
    await as('operator', async (channel) => {
      depth = (await channel.checkQueue(name)).messageCount;
    }).catch(() => undefined);
    return depth;
  };

  it('wait in a queue that their publisher declares, until the service starts', async () => {
    await app.stopSubscription();
    await deleteQueue('events.subscriber');
    await app.say('early');
    await isPublished();
    expect(await depthOf('events.subscriber')).toBe(1);
    await app.subscribeAgain();
    await areHandledOnce(['early']);
  });

  it('wait there also when RabbitMQ has lost all its definitions', async () => {
    await app.stopSubscription();
    await app.stopRelay();
    await app.say('meanwhile');
    await rabbit.ctl('delete_vhost', '/');
    await rabbit.ctl('add_vhost', '/');
    await allowServices(rabbit);
    const relay = startRelay('publisher', app.publisherDb, app.hub, log);
    await eventually(async () => expect(await outbox()).toEqual([]), 20_000);
    expect(await depthOf('events.subscriber')).toBe(1);
    await relay.stop();
    await app.subscribeAgain();
    await areHandled(['meanwhile']);
  }, 120_000);

  it('stay in the outbox while their publisher may not declare it; other events leave', async () => {
    await allowDeclaring(rabbit, false);
    try {
      await app.stopSubscription();
      await rabbit.ctl('close_all_connections', 'test');
      await deleteQueue('events.subscriber');
      await app.say('kept');
      await app.publish(publisher.events.noted, {});
      await eventually(async () => expect(await outbox()).toEqual([{ event: 'publisher.said' }]), 10_000);
      await app.say('kept too');
      // RabbitMQ would now take the event, but not for its subscriber.
      await bindOther();
      await app.publish(publisher.events.noted, {});
      await eventually(async () => expect(await outbox()).toHaveLength(2));
      expect([await depthOf('events.subscriber'), await depthOf('events.other')]).toEqual([-1, 0]);
      await app.subscribeAgain();
      await areHandledOnce(['kept', 'kept too'], 20_000);
      await isPublished();
    } finally {
      await allowDeclaring(rabbit, true);
      await deleteQueue('events.other');
    }
  }, 60_000);

  it('are published again although another service has taken them', async () => {
    await app.stopSubscription();
    await bindOther();
    await deleteQueue('events.subscriber');
    await eventually(async () => {
      await app.say('word');
      await isPublished();
      return (await depthOf('events.subscriber')) > 0;
    }, 10_000);
    await deleteQueue('events.other');
  }, 20_000);

  it('are retried although the queue of their next attempt was deleted', async () => {
    await app.stop();
    let failures = 1;
    app = await startEvents(rabbit, () => {
      if (failures-- > 0) throw new Error('not yet');
    });
    await deleteQueue('events.subscriber.retry.1');
    await app.say('again');
    await areHandledOnce(['again']);
  });
});
