import { connect, type ConfirmChannel } from 'amqplib';
import { connectAmqp } from '../amqp/connection.ts';
import { systemClock as clock } from '../process/clock.ts';
import { createLogger } from '../process/logger.ts';
import { startRabbit, type TestRabbit } from '../testing/rabbitmq.ts';
import { eventually } from '../testing/start-services.ts';
import { subscribe } from './inbox.ts';
import { rabbitmqHub } from './rabbitmq-hub.ts';
import { addServiceUsers, startEvents, publisher, type TestEvents } from './testing/start-events.ts';

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
  eventually(async () => (await app.delivery()).join() === words.toSorted().join(), limitMs);
const dead = (count = 1) =>
  eventually(async () => {
    const letters = await app.deadLetters.list();
    return letters.length >= count && letters;
  }, 20_000);

/** Uses a channel of its own, as some program with this login would. */
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
  messageId: 'fct_forged',
  type: 'publisher.said',
  userId,
  headers: { version: 2, occurredAtMs: 1 },
});
const body = Buffer.from('{"word":"forged"}');

describe('events over RabbitMQ', () => {
  it('are all delivery once when RabbitMQ goes away and comes back in mid-stream', async () => {
    const words = Array.from({ length: 400 }, (_value, index) => `w${index}`);
    const telling = (async () => {
      for (const word of words) {
        await app.say(word);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    await eventually(async () => (await app.delivery()).length > 50);
    await rabbit.ctl('stop_app');
    await rabbit.ctl('start_app');
    await telling;
    await areHandled(words, 30_000);
    expect(await app.deadLetters.list().catch(() => [])).toEqual([]);
  }, 90_000);

  it('are all delivery once when all connections are closed in mid-stream', async () => {
    const words = Array.from({ length: 300 }, (_value, index) => `w${index}`);
    const telling = (async () => {
      for (const word of words) {
        await app.say(word);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    await eventually(async () => (await app.delivery()).length > 20);
    await rabbit.ctl('close_all_connections', 'test');
    await telling;
    await areHandled(words, 20_000);
  }, 60_000);

  it('become dead letters when they are too big, with their bytes', async () => {
    const big = JSON.stringify({ word: 'x'.repeat(300_000) });
    await app.deliver(
      app.message({ id: 'fct_big', payload: big }),
      app.message({ id: 'fct_small', payload: '{"word":"small"}' }),
    );
    await areHandled(['small']);
    const [letter] = await dead();
    expect(letter).toMatchObject({
      id: 'fct_big',
      cause: 'it is too big: 300011 bytes, the limit is 262144',
    });
    expect(letter!.payload).toBe(big);
  });

  it('become dead letters when they are no events', async () => {
    await as('operator', async (channel) => {
      channel.sendToQueue('events.subscriber', Buffer.from([0, 255, 1]));
      await channel.waitForConfirms();
    });
    const [letter] = await dead();
    expect(letter).toMatchObject({ id: expect.stringMatching(/^raw_/), cause: 'it has no id or no name' });
  });

  it('count only when their own service told them, also after they were replayed', async () => {
    await as('operator', async (channel) => {
      channel.publish('events', 'publisher.said', body, forged());
      channel.publish('events', 'publisher.said', body, { ...forged('operator'), messageId: 'fct_operator' });
      await channel.waitForConfirms();
    });
    await as('subscriber', async (channel) => {
      channel.sendToQueue('events.subscriber', body, { ...forged('subscriber'), messageId: 'fct_hearer' });
      await channel.waitForConfirms();
    });
    const letters = await dead(3);
    expect(letters.map(({ cause }) => cause).sort()).toEqual([
      'it was told by nobody known, not by publisher',
      'it was told by operator, not by publisher',
      'it was told by subscriber, not by publisher',
    ]);
    expect(await app.deadLetters.replay('all')).toHaveLength(3);
    await dead(3);
    expect(await app.delivery()).toEqual([]);
  });

  it("cannot be told under the name of another login or on another service's topic", async () => {
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
    expect(await app.delivery()).toEqual([]);
  });

  it('become dead letters when they end their process each time, and can be replayed', async () => {
    await app.stopSubscription();
    await app.deliver(app.message({ id: 'fct_end', payload: '{"word":"end"}' }));
    for (let life = 0; life < 6; life++) {
      await as('subscriber', async (channel) => {
        await eventually(() => channel.get('events.subscriber'));
      });
    }
    const [letter] = await dead();
    expect(letter).toMatchObject({ id: 'fct_end', attempts: null, cause: expect.stringContaining('ended') });
    await app.subscribeAgain();
    await app.deadLetters.replay(['fct_end']);
    await areHandled(['end']);
  }, 40_000);

  it('reach each process of a service without a database, which learns of gaps', async () => {
    const amqp = await connectAmqp({ urls: [rabbit.urlOf('subscriber')], name: 'gateway-1', log });
    const hub = await rabbitmqHub({ amqp, log, nodeId: 'gateway-1' });
    const delivery: string[] = [];
    const told: string[] = [];
    const worker = await hub.subscribe({
      name: 'subscriber',
      service: null as never,
      db: null,
      subscribers: [
        subscribe(publisher.events.said, async (_service, { payload }) => void delivery.push(payload.word)),
      ],
      clock,
      log,
      disconnected: () => void told.push('disconnected'),
      resubscribed: () => void told.push('resubscribed'),
    });
    await app.say('first');
    await eventually(() => delivery.includes('first'));
    await areHandled(['first']);
    expect(told).toEqual([]);
    await rabbit.ctl('close_all_connections', 'test');
    await eventually(() => told.includes('resubscribed'), 10_000);
    // Told before it hears again: between the two nothing counts as known.
    expect(told).toEqual(['disconnected', 'resubscribed']);
    await app.say('second');
    await eventually(() => delivery.includes('second'), 10_000);
    await worker.stop();
    await amqp.close();
  }, 40_000);
});
