import { readFile } from 'node:fs/promises';
import { systemClock } from '../process/clock.ts';
import { createLogger } from '../process/logger.ts';
import { openDatabase } from '../postgres/database.ts';
import { splitSql } from '../postgres/migration-files.ts';
import { migrate } from '../postgres/migrations.ts';
import { throwAwayDatabase } from '../testing/start-services.ts';

const log = createLogger({ level: 'silent' });
const FIRST = new URL('../postgres/migrations/0000-broker.sql', import.meta.url);

it('an inbox that was also the queue is divided, and nothing in it is lost', async () => {
  const made = await throwAwayDatabase();
  const db = openDatabase({ url: made.url, poolSize: 2, name: 'test', log });
  try {
    await db.query('create table migrations (name text primary key, run_at timestamptz not null)');
    for (const statement of splitSql(await readFile(FIRST, 'utf8'))) await db.query(statement);
    await db.query("insert into migrations values ('0000-broker.sql', now())");
    await db.query(
      `insert into inbox (id, fact, version, payload, occurred_at, attempts, next_attempt_at, handled_at,
         dead_at, last_error)
       values ('fct_waiting', 'a.b', 1, '{}', now(), 1, now(), null, null, null),
         ('fct_handled', 'a.b', 1, '{}', now(), 1, null, now(), null, null),
         ('fct_dead', 'a.b', 1, '{}', now(), 5, null, null, now(), 'Error: poison')`,
    );
    await migrate(db, new URL('./no-migrations/', import.meta.url), systemClock, log);
    const queued = await db.query(
      'select id, attempts, cause, dead_at is not null as dead from event_queue order by id',
    );
    expect(queued).toEqual([
      { id: 'fct_dead', attempts: 5, cause: 'Error: poison', dead: true },
      { id: 'fct_waiting', attempts: 1, cause: null, dead: false },
    ]);
    expect(await db.query('select id, event from inbox')).toEqual([{ id: 'fct_handled', event: 'a.b' }]);
  } finally {
    await db.close();
    await made.drop();
  }
});
