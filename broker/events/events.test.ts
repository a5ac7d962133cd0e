import * as z from 'zod/mini';
import { contract } from '../../shared/contracts/contract.ts';
import { defineRoom, type Room } from '../room.ts';
import { eventually, startRooms, type TestRooms } from '../testing/start-rooms.ts';
import type { FactMessage } from './hub.ts';
import { acceptInto, listen } from './inbox.ts';

const teller = contract('teller', {
  actions: {},
  facts: { said: { summary: 'Something was said', version: 1, payload: z.object({ word: z.string() }) } },
});
const hearer = contract('hearer', { actions: {}, facts: {} });
const empty = new URL('./no-migrations/', import.meta.url);

let heard: string[] = [];
let failures: Record<string, number> = {};

const onSaid = async (
  _room: Room,
  { payload, tx }: { payload: { word: string }; tx: Room['db'] | unknown },
) => {
  const { query } = tx as Room['db'];
  await query('insert into heard (word) values ($1)', [payload.word]);
  if ((failures[payload.word] ?? 0) > 0) {
    failures[payload.word]! -= 1;
    throw new Error(`cannot hear ${payload.word}`);
  }
  heard.push(payload.word);
};

const tellerRoom = defineRoom({
  contract: teller,
  config: z.object({}),
  database: { env: 'TELLER_DATABASE_URL', migrations: empty },
  actions: {},
});
const hearerRoom = defineRoom({
  contract: hearer,
  config: z.object({}),
  database: { env: 'HEARER_DATABASE_URL', migrations: empty },
  actions: {},
  listeners: [listen(teller.facts.said, onSaid)],
  state: async ({ db }) => {
    await db.query('create table heard (word text)');
    return undefined;
  },
});

let app: TestRooms;
beforeEach(async () => {
  heard = [];
  failures = {};
  app = await startRooms([tellerRoom, hearerRoom]);
});
afterEach(() => app.stop());

const say = (word: string) => {
  const { db, outbox } = app.room('teller');
  return db.transaction((tx) => outbox.add(tx, teller.facts.said, { word }));
};
const rows = (word: string) => app.room('hearer').db.query('select from heard where word = $1', [word]);
const isHeard = (word: string) => eventually(() => heard.includes(word));

describe('a fact', () => {
  it('reaches the room that hears it, and leaves the outbox', async () => {
    await say('hello');
    await isHeard('hello');
    await eventually(async () => (await app.room('teller').db.query('select from outbox')).length === 0);
  });

  it('is never told when its transaction is rolled back', async () => {
    const { db, outbox } = app.room('teller');
    const broken = db.transaction(async (tx) => {
      await outbox.add(tx, teller.facts.said, { word: 'never' });
      throw new Error('changed my mind');
    });
    await expect(broken).rejects.toThrow('changed my mind');
    await say('after');
    await isHeard('after');
    expect(heard).toEqual(['after']);
  });

  it('has its effect once, however often and in whatever order it is delivered', async () => {
    const { db, clock } = app.room('hearer');
    const accept = acceptInto(db, clock);
    const message = (word: string): FactMessage => ({
      id: `fct_${word}`,
      fact: teller.facts.said.name,
      version: 1,
      payload: JSON.stringify({ word }),
      requestId: null,
      occurredAtMs: clock.nowMs(),
    });
    await accept([message('two'), message('one')]);
    await Promise.all([accept([message('one')]), accept([message('one'), message('two')])]);
    await isHeard('one');
    await isHeard('two');
    await accept([message('one')]);
    await say('last');
    await isHeard('last');
    expect(heard.toSorted()).toEqual(['last', 'one', 'two']);
  });

  it('that a listener fails on is tried again, without a trace of the failed tries', async () => {
    failures['hard'] = 2;
    await say('hard');
    await isHeard('hard');
    expect(await rows('hard')).toHaveLength(1);
  });

  it('that fails five times is set aside with its error, and the others go on', async () => {
    failures['poison'] = 99;
    const { db } = app.room('hearer');
    await say('poison');
    await say('fine');
    await isHeard('fine');
    // The waiting between tries is not what is tested: each is made due at once.
    const dead = await eventually(async () => {
      await db.query('update inbox set next_attempt_at = now() where next_attempt_at > now()');
      const [row] = await db.query<{ attempts: number; last_error: string }>(
        'select attempts, last_error from inbox where dead_at is not null',
      );
      return row;
    }, 10_000);
    expect(dead).toEqual({ attempts: 5, last_error: 'Error: cannot hear poison' });
    expect(await rows('poison')).toHaveLength(0);
  });
});
