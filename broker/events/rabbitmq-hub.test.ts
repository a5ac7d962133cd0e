import { connect, type ConfirmChannel } from 'amqplib';
import { connectAmqp } from '../amqp/connection.ts';
import { systemClock as clock } from '../clock.ts';
import { createLogger } from '../logger.ts';
import { startRabbit, type TestRabbit } from '../testing/rabbitmq.ts';
import { eventually } from '../testing/start-rooms.ts';
import { listen } from './inbox.ts';
import { rabbitmqHub } from './rabbitmq-hub.ts';
import { addRoomUsers, startFacts, teller, type TestFacts } from './testing/start-facts.ts';

const log = createLogger({ level: 'silent' });
let rabbit: TestRabbit;
let app: TestFacts;
beforeAll(async () => {
  rabbit = await startRabbit();
  await addRoomUsers(rabbit);
}, 90_000);
afterAll(() => rabbit.stop(), 30_000);
beforeEach(async () => {
  app = await startFacts(rabbit);
});
afterEach(() => app.stop());

const areHeard = (words: readonly string[], limitMs = 10_000) =>
  eventually(async () => (await app.heard()).join() === words.toSorted().join(), limitMs);
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
  type: 'teller.said',
  userId,
  headers: { version: 2, occurredAtMs: 1 },
});
const body = Buffer.from('{"word":"forged"}');

describe('facts over RabbitMQ', () => {
  it('are all heard once when RabbitMQ goes away and comes back in mid-stream', async () => {
    const words = Array.from({ length: 400 }, (_value, index) => `w${index}`);
    const telling = (async () => {
      for (const word of words) {
        await app.say(word);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    await eventually(async () => (await app.heard()).length > 50);
    await rabbit.ctl('stop_app');
    await rabbit.ctl('start_app');
    await telling;
    await areHeard(words, 30_000);
    expect(await app.deadLetters.list().catch(() => [])).toEqual([]);
  }, 90_000);

  it('are all heard once when all connections are closed in mid-stream', async () => {
    const words = Array.from({ length: 300 }, (_value, index) => `w${index}`);
    const telling = (async () => {
      for (const word of words) {
        await app.say(word);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    await eventually(async () => (await app.heard()).length > 20);
    await rabbit.ctl('close_all_connections', 'test');
    await telling;
    await areHeard(words, 20_000);
  }, 60_000);

  it('become dead letters when they are too big, with their bytes', async () => {
    const big = JSON.stringify({ word: 'x'.repeat(300_000) });
    await app.deliver(
      app.message({ id: 'fct_big', payload: big }),
      app.message({ id: 'fct_small', payload: '{"word":"small"}' }),
    );
    await areHeard(['small']);
    const [letter] = await dead();
    expect(letter).toMatchObject({
      id: 'fct_big',
      cause: 'it is too big: 300011 bytes, the limit is 262144',
    });
    expect(letter!.payload).toBe(big);
  });

  it('become dead letters when they are no facts', async () => {
    await as('operator', async (channel) => {
      channel.sendToQueue('facts.hearer', Buffer.from([0, 255, 1]));
      await channel.waitForConfirms();
    });
    const [letter] = await dead();
    expect(letter).toMatchObject({ id: expect.stringMatching(/^raw_/), cause: 'it has no id or no name' });
  });

  it('count only when their own room told them, also after they were replayed', async () => {
    await as('operator', async (channel) => {
      channel.publish('facts', 'teller.said', body, forged());
      channel.publish('facts', 'teller.said', body, { ...forged('operator'), messageId: 'fct_operator' });
      await channel.waitForConfirms();
    });
    await as('hearer', async (channel) => {
      channel.sendToQueue('facts.hearer', body, { ...forged('hearer'), messageId: 'fct_hearer' });
      await channel.waitForConfirms();
    });
    const letters = await dead(3);
    expect(letters.map(({ cause }) => cause).sort()).toEqual([
      'it was told by hearer, not by teller',
      'it was told by nobody known, not by teller',
      'it was told by operator, not by teller',
    ]);
    expect(await app.deadLetters.replay('all')).toHaveLength(3);
    await dead(3);
    expect(await app.heard()).toEqual([]);
  });

  it("cannot be told under the name of another login or on another room's topic", async () => {
    const lie = as('hearer', async (channel) => {
      channel.sendToQueue('facts.hearer', body, forged('teller'));
      await channel.waitForConfirms();
    });
    await expect(lie).rejects.toThrow();
    const trespass = as('hearer', async (channel) => {
      channel.publish('facts', 'teller.said', body, forged('hearer'));
      await channel.waitForConfirms();
    });
    await expect(trespass).rejects.toThrow();
    expect(await app.heard()).toEqual([]);
  });

  it('become dead letters when they end their process each time, and can be replayed', async () => {
    await app.stopHearing();
    await app.deliver(app.message({ id: 'fct_end', payload: '{"word":"end"}' }));
    for (let life = 0; life < 6; life++) {
      await as('hearer', async (channel) => {
        await eventually(() => channel.get('facts.hearer'));
      });
    }
    const [letter] = await dead();
    expect(letter).toMatchObject({ id: 'fct_end', attempts: null, cause: expect.stringContaining('ended') });
    await app.hearToo();
    await app.deadLetters.replay(['fct_end']);
    await areHeard(['end']);
  }, 40_000);

  it('reach each process of a room that keeps nothing; it is told when it may have missed some', async () => {
    const amqp = await connectAmqp({ urls: [rabbit.urlOf('hearer')], name: 'gateway-1', log });
    const hub = await rabbitmqHub({ amqp, log, nodeId: 'gateway-1' });
    const heard: string[] = [];
    const told: string[] = [];
    const worker = await hub.hear({
      name: 'hearer',
      room: null as never,
      db: null,
      listeners: [listen(teller.facts.said, async (_room, { payload }) => void heard.push(payload.word))],
      clock,
      log,
      lost: () => void told.push('lost'),
      missed: () => void told.push('missed'),
    });
    await app.say('first');
    await eventually(() => heard.includes('first'));
    await areHeard(['first']);
    expect(told).toEqual([]);
    await rabbit.ctl('close_all_connections', 'test');
    await eventually(() => told.includes('missed'), 10_000);
    // Told before it hears again: between the two nothing counts as known.
    expect(told).toEqual(['lost', 'missed']);
    await app.say('second');
    await eventually(() => heard.includes('second'), 10_000);
    await worker.stop();
    await amqp.close();
  }, 40_000);
});
