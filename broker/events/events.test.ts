import { correctableClock, systemClock } from '../process/clock.ts';
import { createLogger } from '../process/logger.ts';
import { AppError } from '../calls/errors.ts';
import { inRequest } from '../calls/request-context.ts';
import { reportFailuresTo } from '../telemetry/failures.ts';
import { throwAwayRabbit, type TestRabbit } from '../testing/rabbitmq.ts';
import { eventually } from '../testing/eventually.ts';
import type { Hub } from './hub.ts';
import { cleanInbox } from './inbox.ts';
import { startRelay } from './relay.ts';
import { MAX_TRIES } from './retry.ts';
import { addServiceUsers, startEvents, publisher, type TestEvents } from './testing/start-events.ts';

const log = createLogger({ level: 'silent' });
const HOUR_MS = 3_600_000;
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
      throw new Error(`cannot handle ${word}`);
    });
  });
  afterEach(() => app.stop());

  const areHandled = (...words: string[]) =>
    eventually(async () => expect(await app.handled()).toEqual(words.toSorted()), 10_000);
  /**
   * Handles a sentinel first, so that a late duplicate of an earlier event is seen; then compares all
   * effects.
   * Duplicates are compared too, because each effect is a row.
   */
  const areHandledOnce = async (...words: string[]) => {
    await app.say('~sentinel');
    await eventually(async () => expect(await app.handled()).toContain('~sentinel'), 10_000);
    expect(await app.handled()).toEqual([...words, '~sentinel'].toSorted());
  };
  const dead = (count = 1) =>
    eventually(async () => {
      await app.hurry();
      const letters = await app.deadLetters.list();
      return letters.length >= count && letters;
    }, 28_000);
  const word = (text: string, over = {}) =>
    app.message({ id: `evt_${text}`, payload: JSON.stringify({ word: text }), ...over });

  it('reaches its subscriber and leaves the outbox', async () => {
    await app.say('hello');
    await areHandled('hello');
    await eventually(async () => (await app.publisherDb.query('select from outbox')).length === 0);
  });

  it('waits for a subscriber that has stopped', async () => {
    await app.stopSubscription();
    await app.say('later');
    await eventually(async () => (await app.publisherDb.query('select from outbox')).length === 0);
    await app.subscribeAgain();
    await areHandledOnce('later');
  });

  it('is not published when its transaction is rolled back', async () => {
    const broken = app.publisherDb.transaction(async (tx) => {
      await app.outbox.add(tx, publisher.events.said, { word: 'never' });
      throw new Error('rolled back');
    });
    await expect(broken).rejects.toThrow('rolled back');
    await app.say('after');
    await areHandledOnce('after');
  });

  it('has its effect once, however often and in whatever order it is delivered', async () => {
    await app.subscribeAgain();
    await app.deliver(word('three'), word('one'), word('two'));
    await Promise.all([app.deliver(word('one'), word('two')), app.deliver(word('two'), word('three'))]);
    await areHandled('one', 'two', 'three');
    await app.deliver(word('one'));
    await areHandledOnce('one', 'two', 'three');
    await eventually(async () => (await app.subscriberDb.query('select from event_queue')).length === 0);
  });

  it('that fails is retried, and the failed attempts leave no trace', async () => {
    failures['hard'] = 2;
    await app.say('hard');
    await eventually(async () => {
      await app.hurry();
      return (await app.handled()).length > 0;
    }, 10_000);
    await areHandledOnce('hard');
    expect(failures['hard']).toBe(0);
  });

  it('that fails five times becomes a dead letter with its history, and others continue', async () => {
    failures['poison'] = 5;
    const reported: unknown[] = [];
    reportFailuresTo((_error, source) => reported.push(source));
    await inRequest({ id: 'req-7', origin: null, trace: null }, () => app.say('poison'));
    await app.say('fine');
    await areHandled('fine');
    const [letter] = await dead();
    reportFailuresTo(null);
    expect(reported).toEqual([{ service: 'subscriber', work: 'publisher.said' }]);
    expect(letter).toMatchObject({
      service: 'subscriber',
      event: 'publisher.said',
      version: 2,
      cause: 'Error: cannot handle poison',
      attempts: 5,
      requestId: 'req-7',
      payload: '{"word":"poison"}',
    });
    expect(Date.parse(letter!.firstFailureAt!)).toBeLessThanOrEqual(Date.parse(letter!.lastFailureAt!));
    expect(failures['poison']).toBe(0);
    await areHandledOnce('fine');
  }, 40_000);

  it('that cannot be read becomes a dead letter at once, and the queue continues', async () => {
    await app.deliver(
      app.message({ id: 'evt_broken', payload: '{"word":' }),
      app.message({ id: 'evt_other', payload: '{"word":7}' }),
      app.message({ id: 'evt_newer', version: 9, payload: '{"word":"later"}' }),
      word('good'),
    );
    await areHandled('good');
    const letters = await dead(3);
    expect(letters.map(({ id, cause, payload, attempts }) => [id, cause, payload, attempts]).sort()).toEqual([
      ['evt_broken', 'its payload is not JSON', '{"word":', 1],
      ['evt_newer', 'version 9 of publisher.said is unknown here, known: 1, 2', '{"word":"later"}', 1],
      ['evt_other', expect.stringContaining('not of version 2: word:'), '{"word":7}', 1],
    ]);
  });

  it('of an earlier version is handled beside those of the present one', async () => {
    await app.deliver(word('new'), app.message({ id: 'evt_old', version: 1, payload: '{"text":"old"}' }));
    await areHandled('new', 'old');
  });

  it('that is older than the known version of the same thing is ignored with `latest`', async () => {
    const moved = (thing: string, to: string, version: number) =>
      app.publish(publisher.events.moved, { thing, to, version });
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

  it('is published again when the relay dies before its commit, and has one effect', async () => {
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
    await areHandledOnce(...words);
    await second.stop();
  });

  it('is published once when several relays share an outbox', async () => {
    const second = startRelay('publisher', app.publisherDb, app.hub, log);
    const words = Array.from({ length: 300 }, (_value, index) => `w${index}`);
    await Promise.all(words.map((one) => app.say(one)));
    await areHandled(...words);
    await areHandledOnce(...words);
    await second.stop();
  });

  it('is replayed to its service: one, all, or none in a dry run', async () => {
    await app.deliver(
      ...['a', 'b', 'c'].map((text) => app.message({ id: `evt_${text}`, version: 9, payload: '{}' })),
    );
    await dead(3);
    const ids = async () => (await app.deadLetters.list()).map(({ id }) => id).sort();
    expect((await app.deadLetters.replay('all', { dryRun: true })).length).toBe(3);
    expect((await app.deadLetters.replay(['evt_none'])).length).toBe(0);
    expect(await ids()).toEqual(['evt_a', 'evt_b', 'evt_c']);
    failures['good'] = 5;
    await app.deliver(word('good'));
    await dead(4);
    expect((await app.deadLetters.replay(['evt_good'])).map(({ id }) => id)).toEqual(['evt_good']);
    await areHandled('good');
    expect((await app.deadLetters.replay('all')).length).toBe(3);
    // These fail again, for the same reason.
    await dead(3);
    expect(await ids()).toEqual(['evt_a', 'evt_b', 'evt_c']);
  }, 40_000);

  it('waits without counting attempts while the database is unreachable', async () => {
    // The server's refusal looks like a lost connection. A sequence is not rolled back, so it counts.
    await app.subscriberDb.query('create sequence attempts');
    await app.subscriberDb.query(
      `create function cancelled() returns trigger language plpgsql as
       $$ begin perform nextval('attempts'); raise exception 'away' using errcode = '57P03'; end $$`,
    );
    await app.subscriberDb.query(
      'create trigger away before insert on inbox for each row execute function cancelled()',
    );
    const attempts = () =>
      app.subscriberDb
        .query<{ n: string }>('select last_value as n from attempts')
        .then(([row]) => Number(row?.n));
    await app.deliver(word('patient'));
    // More than the attempts after which an event becomes a dead letter.
    await eventually(async () => (await attempts()) > MAX_TRIES, 15_000);
    await app.subscriberDb.query('drop trigger away on inbox');
    await areHandled('patient');
    expect(await app.deadLetters.list()).toEqual([]);
  });

  it('whose handler needs a dependency that is away waits for hours, and others are handled', async () => {
    const nextAttempt = async (count: number) =>
      eventually(async () => {
        await app.hurry();
        return attempts >= count;
      }, 10_000);
    let [attempts, isAway] = [0, true];
    const clock = correctableClock();
    await app.stop();
    app = await startEvents(
      how === 'over RabbitMQ' ? rabbit : null,
      (text) => {
        if (text !== 'waits') return;
        attempts += 1;
        if (isAway) throw new AppError('unavailable');
      },
      clock,
    );
    await app.say('waits');
    // Each attempt an hour after the one before; more of them than make a dead letter of a failing event.
    for (let hour = 0; hour < MAX_TRIES + 1; hour++) {
      clock.correct(hour * HOUR_MS);
      await nextAttempt(hour + 1);
    }
    await app.say('other');
    await areHandled('other');
    expect(await app.deadLetters.list()).toEqual([]);
    isAway = false;
    await nextAttempt(MAX_TRIES + 2);
    await areHandledOnce('other', 'waits');
  }, 60_000);

  it('whose dependency stays away becomes a dead letter after a day', async () => {
    const clock = correctableClock();
    await app.stop();
    app = await startEvents(
      how === 'over RabbitMQ' ? rabbit : null,
      (text) => {
        if (text === 'hopeless') throw new AppError('timeout');
      },
      clock,
    );
    await app.say('hopeless');
    await app.say('fine');
    await areHandled('fine');
    expect(await app.deadLetters.list()).toEqual([]);
    clock.correct(25 * HOUR_MS);
    const [letter] = await dead();
    expect(letter).toMatchObject({ event: 'publisher.said', payload: '{"word":"hopeless"}' });
  }, 40_000);

  it('stays in the inbox for seven days', async () => {
    await app.say('old');
    await app.say('new');
    await areHandled('old', 'new');
    await app.subscriberDb.query(
      `update inbox set handled_at = now() - interval '7 days 1 minute'
       where id = (select min(id) from inbox)`,
    );
    await cleanInbox(app.subscriberDb, systemClock, 7 * 24 * HOUR_MS);
    expect(await app.subscriberDb.query('select from inbox')).toHaveLength(1);
  });
});
