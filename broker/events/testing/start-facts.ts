import { connect, type ChannelModel } from 'amqplib';
import * as z from 'zod/mini';
import { contract, earlier, type Fact, type PayloadOf } from '../../../shared/contracts/contract.ts';
import { connectAmqp, type Amqp } from '../../amqp/connection.ts';
import { systemClock as clock } from '../../clock.ts';
import { processEnv } from '../../config.ts';
import { createLogger } from '../../logger.ts';
import { openDatabase, type Database } from '../../postgres/database.ts';
import { migrate } from '../../postgres/migrations.ts';
import type { TestRabbit } from '../../testing/rabbitmq.ts';
import { throwAwayDatabase } from '../../testing/start-rooms.ts';
import { deadLettersInDatabase, deadLettersOnRabbitmq, type DeadLetters } from '../dead-letters.ts';
import type { FactMessage } from '../fact-message.ts';
import type { Hearing, Hub } from '../hub.ts';
import { inProcessHub } from '../in-process-hub.ts';
import { listen, type Listener } from '../inbox.ts';
import { createOutbox, startRelay, type Outbox } from '../outbox.ts';
import { rabbitmqHub } from '../rabbitmq-hub.ts';
import type { Worker } from '../worker.ts';

/** A room that tells. `said` came as a bare `text` in its first version. */
export const teller = contract('teller', {
  actions: {},
  facts: {
    said: {
      summary: 'Something was said',
      version: 2,
      payload: z.object({ word: z.string() }),
      earlier: { 1: earlier(z.object({ text: z.string() }), ({ text }) => ({ word: text })) },
    },
    moved: {
      summary: 'A thing is somewhere else',
      version: 1,
      payload: z.object({ thing: z.string(), to: z.string(), version: z.int() }),
    },
  },
});

/** What a listener does beside remembering what it heard; throws to fail. */
export type Behaviour = (text: string, db: Database) => Promise<void> | void;

export type TestFacts = {
  tellerDb: Database;
  hearerDb: Database;
  outbox: Outbox;
  hub: Hub;
  deadLetters: DeadLetters;
  /** Tells a fact with a change, as a room does. */
  say(word: string): Promise<void>;
  tell<F extends Fact>(fact: F, payload: PayloadOf<F>): Promise<void>;
  /** A message as the relay hands it on; `deliver` hands it on itself. */
  message(over: Partial<FactMessage>): FactMessage;
  deliver(...messages: FactMessage[]): Promise<void>;
  /** What the effects in the hearer's database are, in alphabetical order. */
  heard(): Promise<string[]>;
  /** Another process of the hearing room. */
  hearToo(over?: Partial<Hearing<never>>): Promise<Worker>;
  stopRelay(): Promise<void>;
  stopHearing(): Promise<void>;
  /** Makes facts that wait for their next try due now, where that can be done. */
  hurry(): Promise<void>;
  stop(): Promise<void>;
};

const QUEUES = ['facts.hearer', 'facts.hearer.dead', ...[1, 2, 3, 4].map((n) => `facts.hearer.retry.${n}`)];
const permission = (room: string) => String.raw`^(MOL\.[A-Z]+(\.${room}-.*)?|facts|facts\.${room}(\..*)?)$`;

/** Makes the users of both rooms, with the rights that rooms have, and an operator. */
export const addRoomUsers = async (rabbit: TestRabbit): Promise<void> => {
  for (const room of ['teller', 'hearer']) {
    const mine = permission(room);
    await rabbit.addUser(room, [mine, `${mine}|^amq\\.default$`, mine]);
    await rabbit.ctl('set_topic_permissions', room, 'facts', `^${room}\\.`, '.*');
  }
  await rabbit.addUser('operator', ['.*', '.*', '.*']);
};

export const openTestDatabase = async (name: string) => {
  const made = await throwAwayDatabase();
  const log = createLogger({ level: 'silent' });
  const db = openDatabase({ url: made.url, poolSize: 8, name, log });
  await migrate(db, new URL('../no-migrations/', import.meta.url), clock, log);
  const end = async () => {
    await db.close();
    await made.drop();
  };
  return { db, end };
};

const listenersWith = (behaviour: Behaviour, db: Database): Listener<never>[] => [
  listen(teller.facts.said, async (_room, { payload, tx }) => {
    await tx.query('insert into heard (text) values ($1)', [payload.word]);
    await behaviour(payload.word, db);
  }),
  listen(
    teller.facts.moved,
    async (_room, { payload, tx }) => {
      await tx.query('insert into heard (text) values ($1)', [`${payload.thing} ${payload.to}`]);
    },
    { latest: { key: ({ thing }) => thing, version: ({ version }) => version } },
  ),
];

/** The hubs of both rooms: one and the same, or each with a login of its own. */
const openHubs = async (rabbit: TestRabbit | null) => {
  const log = createLogger({ level: processEnv()['TEST_LOG'] ?? 'silent' });
  if (!rabbit) {
    const hub = inProcessHub();
    return { hubs: [hub, hub] as const, model: null, end: async () => undefined };
  }
  const open = (user: string): Promise<Amqp> =>
    connectAmqp({ urls: [rabbit.urlOf(user)], name: `${user}-1`, log });
  const [telling, hearing] = await Promise.all([open('teller'), open('hearer')]);
  const model: ChannelModel = await connect(rabbit.urlOf('operator'));
  model.on('error', () => undefined);
  const hubs = [
    await rabbitmqHub({ amqp: telling, log, nodeId: 'teller-1' }),
    await rabbitmqHub({ amqp: hearing, log, nodeId: 'hearer-1' }),
  ] as const;
  const end = async () => {
    await Promise.all([telling.close(), hearing.close()]);
    await model.close().catch(() => undefined);
    const last = await connect(rabbit.url);
    const channel = await last.createChannel();
    for (const queue of QUEUES) await channel.deleteQueue(queue);
    await last.close();
  };
  return { hubs, model, end };
};

/** A room that tells and one that hears, with a hub between them: RabbitMQ where one is given. */
export const startFacts = async (
  rabbit: TestRabbit | null,
  behaviour: Behaviour = () => undefined,
): Promise<TestFacts> => {
  const log = createLogger({ level: processEnv()['TEST_LOG'] ?? 'silent' });
  const { db: tellerDb, end: endTeller } = await openTestDatabase('teller');
  const { db: hearerDb, end: endHearer } = await openTestDatabase('hearer');
  await hearerDb.query('create table heard (text text)');
  const { hubs, model, end } = await openHubs(rabbit);
  const [hub, hearerHub] = hubs;
  const outbox = createOutbox(tellerDb, clock);
  const workers: Worker[] = [];
  const hearToo: TestFacts['hearToo'] = async (over = {}) => {
    const listeners = listenersWith(behaviour, hearerDb);
    const hearing: Hearing<never> = {
      name: 'hearer',
      room: null as never,
      db: hearerDb,
      listeners,
      clock,
      log,
    };
    const worker = await hearerHub.hear({ ...hearing, ...over });
    workers.push(worker);
    return worker;
  };
  const hearing = await hearToo();
  const relay = startRelay('teller', tellerDb, hub, log);
  workers.push(relay);
  const deadLetters = model
    ? deadLettersOnRabbitmq('hearer', model, 'operator')
    : deadLettersInDatabase('hearer', hearerDb);
  const tell: TestFacts['tell'] = (fact, payload) =>
    tellerDb.transaction((tx) => outbox.add(tx, fact, payload));
  return {
    tellerDb,
    hearerDb,
    outbox,
    hub,
    deadLetters,
    tell,
    say: (word) => tell(teller.facts.said, { word }),
    message: (over) => ({
      id: `fct_${over.payload}`,
      fact: teller.facts.said.name,
      version: 2,
      payload: '{}',
      requestId: null,
      occurredAtMs: clock.nowMs(),
      ...over,
    }),
    deliver: (...messages) => hub.publish(messages),
    heard: async () => {
      const rows = await hearerDb.query<{ text: string }>('select text from heard order by text');
      return rows.map((row) => row.text);
    },
    hearToo,
    stopRelay: relay.stop,
    stopHearing: hearing.stop,
    hurry: async () => {
      if (!model) await hearerDb.query('update fact_queue set next_attempt_at = now() where dead_at is null');
    },
    stop: async () => {
      await Promise.all(workers.map((worker) => worker.stop()));
      await end();
      await endTeller();
      await endHearer();
    },
  };
};
