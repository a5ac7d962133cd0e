import * as z from 'zod/mini';
import { contract } from '../../shared/contracts/contract.ts';
import { systemClock as clock } from '../process/clock.ts';
import { createLogger } from '../process/logger.ts';
import type { Database } from '../postgres/database.ts';
import { eventually } from '../testing/eventually.ts';
import { openTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { deadLettersInDatabase } from './dead-letters.ts';
import { inProcessHub } from './in-process-hub.ts';
import { subscribe } from './inbox.ts';
import { startRelay } from './relay.ts';

const log = createLogger({ level: 'silent' });
const { events } = contract('shop', {
  actions: {},
  events: {
    sold: { summary: 'x', version: 1, payload: z.object({ thing: z.string() }) },
    moved: { summary: 'x', version: 1, payload: z.object({ thing: z.string(), version: z.int() }) },
  },
});

let made: TestDatabase;
let db: Database;
beforeEach(async () => {
  made = await openTestDatabase({ poolSize: 4 });
  ({ db } = made);
});
afterEach(() => made.end());

/** Runs the migrations of an earlier version. */
const migratedBefore = (...names: string[]): Promise<void> =>
  made.migrateAsBefore(names.map((name) => new URL(`../postgres/migrations/${name}`, import.meta.url)));
const upgrade = () => made.migrate(new URL('./no-migrations/', import.meta.url));

it('an inbox that was also the queue is divided, and nothing in it is lost', async () => {
  await migratedBefore('0000-broker.sql');
  await db.query(
    `insert into inbox (id, fact, version, payload, occurred_at, attempts, next_attempt_at, handled_at,
       dead_at, last_error)
     values ('fct_waiting', 'a.b', 1, '{}', now(), 1, now(), null, null, null),
       ('fct_handled', 'a.b', 1, '{}', now(), 1, null, now(), null, null),
       ('fct_dead', 'a.b', 1, '{}', now(), 5, null, null, now(), 'Error: poison')`,
  );
  await upgrade();
  const queued = await db.query(
    'select id, attempts, cause, dead_at is not null as dead from event_queue order by id',
  );
  expect(queued).toEqual([
    { id: 'fct_dead', attempts: 5, cause: 'Error: poison', dead: true },
    { id: 'fct_waiting', attempts: 1, cause: null, dead: false },
  ]);
  expect(await db.query('select id, event from inbox')).toEqual([{ id: 'fct_handled', event: 'a.b' }]);
});

it('events under the former names keep their rows, and those that wait are handled', async () => {
  await migratedBefore('0000-broker.sql', '0001-fact-queue.sql');
  const sold = (thing: string) => JSON.stringify({ thing });
  await db.query(
    `insert into outbox (id, fact, version, payload, request_id, occurred_at)
     values ('fct_unpublished', 'shop.sold', 1, $1, 'r-1', now())`,
    [sold('cup')],
  );
  await db.query("insert into inbox (id, fact, handled_at) values ('fct_handled', 'shop.sold', now())");
  await db.query("insert into latest_versions (fact, key, version) values ('shop.moved', 'pot', 7)");
  await db.query(
    `insert into fact_queue
         (id, fact, version, payload, occurred_at, attempts, next_attempt_at, dead_at, cause)
     values ('fct_waiting', 'shop.sold', 1, $1, now(), 2, now(), null, 'Error: busy'),
       ('fct_dead', 'shop.sold', 1, $2, now(), 5, null, now(), 'Error: poison'),
       ('fct_stale', 'shop.moved', 1, '{"thing":"pot","version":6}', now(), 0, now(), null, null),
       ('fct_newer', 'shop.moved', 1, '{"thing":"pot","version":8}', now(), 0, now(), null, null)`,
    [sold('jug'), sold('urn')],
  );
  await upgrade();

  expect(await db.query('select id, event, request_id from outbox')).toEqual([
    { id: 'fct_unpublished', event: 'shop.sold', request_id: 'r-1' },
  ]);
  expect(await db.query('select id, event from inbox')).toEqual([{ id: 'fct_handled', event: 'shop.sold' }]);
  expect(await db.query('select id, event, attempts, cause from event_queue order by id')).toEqual([
    { id: 'fct_dead', event: 'shop.sold', attempts: 5, cause: 'Error: poison' },
    { id: 'fct_newer', event: 'shop.moved', attempts: 0, cause: null },
    { id: 'fct_stale', event: 'shop.moved', attempts: 0, cause: null },
    { id: 'fct_waiting', event: 'shop.sold', attempts: 2, cause: 'Error: busy' },
  ]);

  const handled: string[] = [];
  const hub = inProcessHub();
  const subscribers = [
    subscribe(events.sold, async (_service, { payload }) => void handled.push(payload.thing)),
    subscribe(
      events.moved,
      async (_service, { payload: { thing, version } }) => void handled.push(`${thing} ${version}`),
      { latest: { key: ({ thing }) => thing, version: ({ version }) => version } },
    ),
  ];
  const service = null as never;
  const queue = await hub.subscribe<never>({ name: 'shop', service, db, subscribers, clock, log });
  const relay = startRelay('shop', db, hub, log);
  try {
    await eventually(() => expect(handled.toSorted()).toEqual(['cup', 'jug', 'pot 8']), 10_000);
    const deadLetters = deadLettersInDatabase('shop', db);
    expect(await deadLetters.replay('all')).toMatchObject([{ id: 'fct_dead', attempts: 5 }]);
    await eventually(() => expect(handled.toSorted()).toEqual(['cup', 'jug', 'pot 8', 'urn']));
    expect(await db.query('select from outbox')).toEqual([]);
    expect(await db.query('select from event_queue')).toEqual([]);
    expect(await db.query('select version::int from latest_versions')).toEqual([{ version: 8 }]);
  } finally {
    await relay.stop();
    await queue.stop();
  }
});
