import { systemClock } from '../process/clock.ts';
import { createLogger } from '../process/logger.ts';
import { runInRequest } from '../calls/request-context.ts';
import { throwAwayRabbit, type TestRabbit } from '../testing/rabbitmq.ts';
import { eventually } from '../testing/start-services.ts';
import type { Hub } from './hub.ts';
import { cleanInbox } from './inbox.ts';
import { startRelay } from './outbox.ts';
import { addServiceUsers, startEvents, publisher, type TestEvents } from './testing/start-events.ts';

const log = createLogger({ level: 'silent' });
let rabbit: TestRabbit;
beforeAll(async () => {
  rabbit = await throwAwayRabbit();
  await addServiceUsers(rabbit);
}, 90_000);

describe.each(['in one process', 'over RabbitMQ'])('an event %s', (how) => {
  let app: TestEvents;
  let failures: Record<string, number>;
  beforeEach(async () => {
    failures = {};
    app = await startEvents(how === 'over RabbitMQ' ? rabbit : null, (word) => {
      if ((failures[word] ?? 0) <= 0) return;
      failures[word]! -= 1;
      throw new Error(`cannot subscribe ${word}`);
    });
  });
  afterEach(() => app.stop());

  const areHandled = (...words: string[]) =>
    eventually(async () => (await app.delivery()).join() === words.toSorted().join(), 10_000);
  const dead = (count = 1) =>
    eventually(async () => {
      await app.hurry();
      const letters = await app.deadLetters.list();
      return letters.length >= count && letters;
    }, 28_000);
  const word = (text: string, over = {}) =>
    app.message({ id: `fct_${text}`, payload: JSON.stringify({ word: text }), ...over });

  it('reaches the service that hears it, and leaves the outbox', async () => {
    await app.say('hello');
    await areHandled('hello');
    await eventually(async () => (await app.publisherDb.query('select from outbox')).length === 0);
  });

  it('is never told when its transaction is rolled back', async () => {
    const broken = app.publisherDb.transaction(async (tx) => {
      await app.outbox.add(tx, publisher.events.said, { word: 'never' });
      throw new Error('changed my mind');
    });
    await expect(broken).rejects.toThrow('changed my mind');
    await app.say('after');
    await areHandled('after');
  });

  it('has its effect once, however often and in whatever order it is delivered', async () => {
    await app.subscribeAgain();
    await app.deliver(word('three'), word('one'), word('two'));
    await Promise.all([app.deliver(word('one'), word('two')), app.deliver(word('two'), word('three'))]);
    await areHandled('one', 'two', 'three');
    await app.deliver(word('one'));
    await app.say('last');
    await areHandled('one', 'two', 'three', 'last');
    await eventually(async () => (await app.subscriberDb.query('select from event_queue')).length === 0);
  });

  it('that a subscriber fails on is tried again, without a trace of the failed tries', async () => {
    failures['hard'] = 2;
    await app.say('hard');
    await eventually(async () => {
      await app.hurry();
      return (await app.delivery()).length > 0;
    }, 10_000);
    expect(await app.delivery()).toEqual(['hard']);
    expect(failures['hard']).toBe(0);
  });

  it('that fails five times is set aside with its story, and the others go on', async () => {
    failures['poison'] = 5;
    await runInRequest('req-7', () => app.say('poison'));
    await app.say('fine');
    await areHandled('fine');
    const [letter] = await dead();
    expect(letter).toMatchObject({
      service: 'subscriber',
      event: 'publisher.said',
      version: 2,
      cause: 'Error: cannot subscribe poison',
      attempts: 5,
      requestId: 'req-7',
      payload: '{"word":"poison"}',
    });
    expect(Date.parse(letter!.firstFailureAt!)).toBeLessThanOrEqual(Date.parse(letter!.lastFailureAt!));
    expect(failures['poison']).toBe(0);
    expect(await app.delivery()).toEqual(['fine']);
  }, 40_000);

  it('that cannot be read is set aside at once with its bytes, and the queue moves on', async () => {
    await app.deliver(
      app.message({ id: 'fct_broken', payload: '{"word":' }),
      app.message({ id: 'fct_other', payload: '{"word":7}' }),
      app.message({ id: 'fct_newer', version: 9, payload: '{"word":"later"}' }),
      word('good'),
    );
    await areHandled('good');
    const letters = await dead(3);
    expect(letters.map(({ id, cause, payload, attempts }) => [id, cause, payload, attempts]).sort()).toEqual([
      ['fct_broken', 'its payload is not JSON', '{"word":', 1],
      ['fct_newer', 'version 9 of publisher.said is unknown here, known: 1, 2', '{"word":"later"}', 1],
      ['fct_other', expect.stringContaining('not of version 2: word:'), '{"word":7}', 1],
    ]);
  });

  it('of an earlier version is delivery beside those of the present one', async () => {
    await app.deliver(word('new'), app.message({ id: 'fct_old', version: 1, payload: '{"text":"old"}' }));
    await areHandled('new', 'old');
  });

  it('that is older than what is known of the same thing is passed over by `latest`', async () => {
    const moved = (thing: string, to: string, version: number) =>
      app.tell(publisher.events.moved, { thing, to, version });
    await moved('cup', 'shelf', 2);
    await areHandled('cup shelf');
    await moved('cup', 'table', 1);
    await moved('pot', 'stove', 1);
    await areHandled('cup shelf', 'pot stove');
    await moved('cup', 'sink', 3);
    await areHandled('cup shelf', 'cup sink', 'pot stove');
    const known = await app.subscriberDb.query('select from inbox');
    expect(known).toHaveLength(4);
  });

  it('comes again when the relay ends between handing on and committing, and has one effect', async () => {
    await app.stopRelay();
    let ended = 0;
    const dying: Hub = {
      ...app.hub,
      publish: async (messages) => {
        await app.hub.publish(messages);
        ended += 1;
        throw new Error('killed');
      },
    };
    const words = Array.from({ length: 20 }, (_value, index) => `w${index}`);
    for (const one of words) await app.say(one);
    const first = startRelay('publisher', app.publisherDb, dying, log);
    await eventually(() => ended > 0);
    await first.stop();
    expect(await app.publisherDb.query('select from outbox')).toHaveLength(20);
    await areHandled(...words);
    const second = startRelay('publisher', app.publisherDb, app.hub, log);
    await eventually(async () => (await app.publisherDb.query('select from outbox')).length === 0);
    await app.say('last');
    await areHandled(...words, 'last');
    await second.stop();
  });

  it('is handed on once when several relays share an outbox', async () => {
    const second = startRelay('publisher', app.publisherDb, app.hub, log);
    const words = Array.from({ length: 300 }, (_value, index) => `w${index}`);
    await Promise.all(words.map((one) => app.say(one)));
    await areHandled(...words);
    await second.stop();
  });

  it('is replayed to its service when asked: one, or all, or none of them in a dry run', async () => {
    await app.deliver(
      ...['a', 'b', 'c'].map((text) => app.message({ id: `fct_${text}`, version: 9, payload: '{}' })),
    );
    await dead(3);
    const ids = async () => (await app.deadLetters.list()).map(({ id }) => id).sort();
    expect((await app.deadLetters.replay('all', { dryRun: true })).length).toBe(3);
    expect((await app.deadLetters.replay(['fct_none'])).length).toBe(0);
    expect(await ids()).toEqual(['fct_a', 'fct_b', 'fct_c']);
    failures['good'] = 5;
    await app.deliver(word('good'));
    await dead(4);
    expect((await app.deadLetters.replay(['fct_good'])).map(({ id }) => id)).toEqual(['fct_good']);
    await areHandled('good');
    expect((await app.deadLetters.replay('all')).length).toBe(3);
    // Nothing has changed for these: they come back.
    await dead(3);
    expect(await ids()).toEqual(['fct_a', 'fct_b', 'fct_c']);
  }, 40_000);

  it('waits without counting while the database is away', async () => {
    await app.subscriberDb.query('alter table inbox rename to gone');
    await app.subscriberDb.query('create view inbox as select * from gone');
    // A statement that the server cancels looks like one that has gone away.
    await app.subscriberDb.query(
      `create function cancelled() returns trigger language plpgsql as
       $$ begin raise exception 'away' using errcode = '57P03'; end $$`,
    );
    await app.subscriberDb.query(
      'create trigger away instead of insert on inbox for each row execute function cancelled()',
    );
    await app.deliver(word('patient'));
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await app.subscriberDb.query('drop view inbox');
    await app.subscriberDb.query('alter table gone rename to inbox');
    await areHandled('patient');
    expect(await app.deadLetters.list()).toEqual([]);
  });

  it('is remembered for seven days', async () => {
    await app.say('old');
    await app.say('new');
    await areHandled('old', 'new');
    await app.subscriberDb.query(
      `update inbox set handled_at = now() - interval '7 days 1 minute'
       where id = (select min(id) from inbox)`,
    );
    await cleanInbox(app.subscriberDb, systemClock);
    expect(await app.subscriberDb.query('select from inbox')).toHaveLength(1);
  });
});
