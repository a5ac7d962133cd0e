import { connect, type ChannelModel } from 'amqplib';
import { connectAmqp } from '../amqp/connection.ts';
import type { Database } from '../postgres/database.ts';
import { systemClock as clock } from '../process/clock.ts';
import { createLogger } from '../process/logger.ts';
import { eventually } from '../testing/eventually.ts';
import { startRabbit, type TestRabbit } from '../testing/rabbitmq.ts';
import type { Hub } from './hub.ts';
import { subscribe } from './inbox.ts';
import { cleanPublished } from './published-events.ts';
import { rabbitmqHub } from './rabbitmq-hub.ts';
import { startRelay } from './relay.ts';
import { replay, targetInDatabase, targetOnRabbitmq, type ReplayTarget } from './replay.ts';
import {
  addServiceUsers,
  openEventsDatabase,
  publisher,
  startEvents,
  type TestEvents,
} from './testing/start-events.ts';

const log = createLogger({ level: 'silent' });
const { said, moved } = publisher.events;
const EVENTS = [said.name, moved.name];
const ALWAYS = new Date(0);
const silent = () => undefined;

let rabbit: TestRabbit;
beforeAll(async () => {
  rabbit = await startRabbit();
  await addServiceUsers(rabbit);
}, 90_000);
afterAll(() => rabbit.stop(), 30_000);

/** A service that is added later, with its own database. */
type Latecomer = {
  db: Database;
  target: ReplayTarget;
  /** The effects, in alphabetical order. */
  handled(): Promise<string[]>;
  stop(): Promise<void>;
};

const QUEUES = ['', '.dead', ...[1, 2, 3, 4, 5].map((delay) => `.retry.${delay}`)];

const targetOf = async (db: Database, model: ChannelModel | null): Promise<ReplayTarget> =>
  model ? targetOnRabbitmq('latecomer', EVENTS, model, 'operator') : targetInDatabase('latecomer', db, clock);

const startLatecomer = async (hubOfProcess: Hub | null): Promise<Latecomer> => {
  const { db, end } = await openEventsDatabase('latecomer');
  await db.query('create table handled (text text)');
  const amqp = hubOfProcess
    ? null
    : await connectAmqp({ urls: [rabbit.urlOf('operator')], name: 'latecomer', log });
  const model = hubOfProcess ? null : await connect(rabbit.urlOf('operator'));
  const hub = hubOfProcess ?? (await rabbitmqHub({ amqp: amqp!, log, nodeId: 'latecomer-1' }));
  const worker = await hub.subscribe({
    ...{ name: 'latecomer', service: null as never, db, clock, log },
    subscribers: [
      subscribe(said, async (_service, { payload, tx }) => {
        await tx.query('insert into handled values ($1)', [payload.word]);
      }),
      subscribe(
        moved,
        async (_service, { payload, tx }) => {
          await tx.query('insert into handled values ($1)', [`${payload.thing} ${payload.to}`]);
        },
        { latest: { key: ({ thing }) => thing, version: ({ version }) => version } },
      ),
    ],
  });
  return {
    db,
    target: await targetOf(db, model),
    handled: async () =>
      (await db.query<{ text: string }>('select text from handled order by text')).map(({ text }) => text),
    stop: async () => {
      await worker.stop();
      await amqp?.close();
      const channel = await model?.createChannel();
      for (const part of QUEUES) await channel?.deleteQueue(`events.latecomer${part}`);
      await model?.close();
      await end();
    },
  };
};

const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_value, index) => `w${String(from + index).padStart(5, '0')}`);

describe.each(['in one process', 'over RabbitMQ'])('published events %s', (how) => {
  let app: TestEvents;
  let late: Latecomer | null;
  beforeEach(async () => {
    app = await startEvents(how === 'over RabbitMQ' ? rabbit : null);
    late = null;
  });
  afterEach(async () => {
    await late?.stop();
    await app.stop();
  });

  const addLatecomer = async () => (late = await startLatecomer(how === 'over RabbitMQ' ? null : app.hub));
  const sayAll = async (words: readonly string[]) => {
    for (const word of words) await app.say(word);
  };
  /** Events that were published before this call, written at once. */
  const publishMany = async (words: readonly string[]) => {
    await app.publisherDb.query(
      `insert into published_events (id, event, version, payload, occurred_at, published_at)
       select 'evt_' || word, $1, 2, json_build_object('word', word)::text, now(), now()
       from unnest($2::text[]) as word`,
      [said.name, words],
    );
  };
  const published = async () =>
    (
      await app.publisherDb.query<{ payload: string }>('select payload from published_events order by seq')
    ).map(({ payload }) => (JSON.parse(payload) as { word: string }).word);
  const isHandled = (service: { handled(): Promise<string[]> }, words: readonly string[]) =>
    eventually(async () => expect(await service.handled()).toEqual(words.toSorted()), 60_000);

  it('are kept in their order when they leave the outbox', async () => {
    await sayAll(['one', 'two', 'three']);
    await eventually(async () => expect(await published()).toEqual(['one', 'two', 'three']));
    expect(await app.publisherDb.query('select from outbox')).toEqual([]);
  });

  it('have cleared the answers of their service before a subscriber can have them', async () => {
    await app.stopRelay();
    const order: string[] = [];
    const hub: Hub = {
      ...app.hub,
      publish: (all) => {
        order.push('published');
        return app.hub.publish(all);
      },
    };
    await app.say('cleared');
    const beforePublish = async (events: readonly { event: string; payload: string }[]) => {
      // Not at once, as a Redis that answers late.
      await new Promise(setImmediate);
      order.push(...events.map(({ event, payload }) => `${event} ${payload}`));
    };
    const relay = startRelay('publisher', app.publisherDb, hub, log, { beforePublish });
    await isHandled(app, ['cleared']);
    expect(order).toEqual(['publisher.said {"word":"cleared"}', 'published']);
    await relay.stop();
  });

  it('are not kept where none are wanted', async () => {
    await app.stopRelay();
    const relay = startRelay('publisher', app.publisherDb, app.hub, log, { keep: false });
    await app.say('gone');
    await isHandled(app, ['gone']);
    await eventually(async () => (await app.publisherDb.query('select from outbox')).length === 0);
    expect(await published()).toEqual([]);
    await relay.stop();
  });

  it('are not kept twice when they reached no queue and stay in the outbox', async () => {
    await app.stopRelay();
    let isRouted = false;
    const hub: Hub = { ...app.hub, publish: async (all) => (isRouted ? app.hub.publish(all) : all.slice(1)) };
    await sayAll(['one', 'two', 'three']);
    const relay = startRelay('publisher', app.publisherDb, hub, log);
    await eventually(async () => expect(await published()).toEqual(['one']));
    const left = await app.publisherDb.query<{ seq: string }>('select seq from outbox order by seq');
    expect(left.map(({ seq }) => Number(seq))).toEqual([2, 3]);
    isRouted = true;
    await eventually(async () => expect(await published()).toEqual(['one', 'two', 'three']), 10_000);
    await relay.stop();
  });

  it('reach a service that is added later once each, while live events flow', async () => {
    await publishMany(numbered(0, 550));
    await sayAll(numbered(550, 570));
    await isHandled(app, numbered(550, 570));
    const { target } = await addLatecomer();
    const live = sayAll(numbered(570, 590));
    const progress: number[] = [];
    const sent = await replay(app.publisherDb, target, { events: EVENTS, from: ALWAYS }, ({ done, all }) =>
      progress.push(done / all),
    );
    await live;
    expect(sent).toBeGreaterThanOrEqual(570);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    await isHandled(late!, numbered(0, 590));
    // A second replay has no effect, and other services receive nothing of either.
    await replay(app.publisherDb, target, { events: EVENTS, from: ALWAYS }, silent);
    await app.say('~sentinel');
    await isHandled(late!, [...numbered(0, 590), '~sentinel']);
    await isHandled(app, [...numbered(550, 590), '~sentinel']);
    expect(await app.publisherDb.query('select from replays')).toEqual([]);
  }, 120_000);

  it('resume where a replay was interrupted', async () => {
    await publishMany(numbered(0, 1_100));
    const { target } = await addLatecomer();
    let windows = 0;
    const dying: ReplayTarget = {
      ...target,
      accept: async (messages) => {
        await target.accept(messages);
        windows += 1;
        if (windows === 2) throw new Error('killed');
      },
    };
    const request = { events: EVENTS, from: ALWAYS };
    await expect(replay(app.publisherDb, dying, request, silent)).rejects.toThrow('killed');
    // The first window was confirmed; the second is sent again.
    expect(await replay(app.publisherDb, target, request, silent)).toBe(600);
    await isHandled(late!, numbered(0, 1_100));
  }, 120_000);

  it('are sent only from the wanted time on, and only of the wanted names', async () => {
    await publishMany(['old', 'new']);
    await app.publisherDb.query(
      `update published_events set occurred_at = now() - interval '2 days' where id = 'evt_old'`,
    );
    await app.publish(moved, { thing: 'cup', to: 'shelf', version: 1 });
    await isHandled(app, ['cup shelf']);
    const { target } = await addLatecomer();
    const from = new Date(Date.now() - 24 * 3_600_000);
    expect(await replay(app.publisherDb, target, { events: [said.name], from }, silent)).toBe(1);
    await isHandled(late!, ['new']);
  });

  it('of an older version than a live one about the same thing are ignored with `latest`', async () => {
    await app.publish(moved, { thing: 'cup', to: 'shelf', version: 1 });
    await isHandled(app, ['cup shelf']);
    const { target } = await addLatecomer();
    await app.publish(moved, { thing: 'cup', to: 'table', version: 2 });
    await isHandled(late!, ['cup table']);
    await replay(app.publisherDb, target, { events: EVENTS, from: ALWAYS }, silent);
    await app.say('~sentinel');
    await isHandled(late!, ['cup table', '~sentinel']);
  });

  it('wait with the next ones until the queue of the service is short', async () => {
    await publishMany(numbered(0, 1_000));
    const { target } = await addLatecomer();
    const depths = [500, 700, 499, 900, 0];
    const log: string[] = [];
    await replay(
      app.publisherDb,
      {
        ...target,
        waiting: async () => depths.shift()!,
        accept: async (messages) => void log.push(`sent ${messages.length}`),
      },
      { events: EVENTS, from: ALWAYS },
      ({ waiting }) => log.push(`waiting ${waiting}`),
    );
    expect(log).toEqual([
      ...['waiting 500', 'waiting 700', 'waiting 499', 'sent 500'],
      ...['waiting 900', 'waiting 0', 'sent 500'],
    ]);
  });

  it('are deleted after their time', async () => {
    await publishMany(['old', 'new']);
    await app.publisherDb.query(
      `update published_events set published_at = now() - interval '7 days 1 minute' where id = 'evt_old'`,
    );
    await cleanPublished(app.publisherDb, clock, 7 * 24 * 3_600_000);
    expect(await published()).toEqual(['new']);
  });
});
