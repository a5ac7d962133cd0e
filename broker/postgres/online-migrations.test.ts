import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Client } from 'pg';
import { systemClock } from '../process/clock.ts';
import { createLogger, type Logger } from '../process/logger.ts';
import { eventually } from '../testing/eventually.ts';
import { openTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import type { Database } from './database.ts';
import { migrate } from './migrations.ts';
import { folderWith, removeFolders } from './testing/migration-folders.ts';

const silent = createLogger({ level: 'silent' });
const limits = { lockMs: 100, pauseMs: 20, patienceMs: 20_000 };
const TABLE = { '0001-a.sql': 'create table a (x int); insert into a values (1);' };
const ADD = { ...TABLE, '0002-b.sql': 'alter table a add y int;' };
const INDEX = {
  ...TABLE,
  '0002-b.sql': '-- no transaction\ncreate index concurrently if not exists a_x on a (x);',
};

let made: TestDatabase;
let db: Database;
/** Another user of the database, whose transaction stays open. */
let other: Client;
beforeEach(async () => {
  made = await openTestDatabase();
  ({ db } = made);
  other = new Client({ connectionString: made.url });
  await other.connect();
});
afterEach(async () => {
  await other.end();
  await made.end();
  await removeFolders();
});

/** The warnings of a run, in order. */
const warnings = () => {
  const texts: string[] = [];
  const warn = (...args: unknown[]) => void texts.push(String(args.at(-1)));
  return { texts, log: { warn, info: () => undefined } as unknown as Logger };
};
const run = async (files: Record<string, string>, log = silent, given = limits) =>
  migrate(db, await folderWith(files), systemClock, log, { limits: given });
const indexes = () =>
  db.query(
    `select c.relname as name, i.indisvalid as valid from pg_index i join pg_class c on c.oid = i.indexrelid
     where i.indrelid = 'a'::regclass`,
  );

describe('a migration of a database that serves', () => {
  it('gives up its place in front of requests while a long transaction keeps its lock', async () => {
    await run(TABLE);
    await other.query('begin');
    await other.query('select from a');
    const { texts, log } = warnings();
    const migrated = run(ADD, log);
    for (let served = 0; served < 3; served++) {
      await eventually(() => texts.length > served);
      expect(await db.query('select x from a')).toEqual([{ x: 1 }]);
    }
    await other.query('commit');
    expect(await migrated).toEqual(['0002-b.sql']);
    expect(new Set(texts)).toEqual(new Set(['migration did not get a lock']));
  });

  it('names the migration that got no lock, and the next run continues with it', async () => {
    await run(TABLE);
    await other.query('begin');
    await other.query('select from a');
    await expect(run(ADD, silent, { ...limits, patienceMs: 200 })).rejects.toThrow(
      '0002-b.sql got no lock in 0 s',
    );
    await other.query('rollback');
    expect(await run(ADD)).toEqual(['0002-b.sql']);
  });

  it('builds an index beside writes; a second run waits for it and finds nothing to do', async () => {
    await run(TABLE);
    await other.query('begin');
    await other.query('insert into a values (2)');
    const [first, second] = [warnings(), warnings()];
    const built = run(INDEX, first.log);
    await eventually(async () => expect(await indexes()).toEqual([{ name: 'a_x', valid: false }]));
    const waited = run(INDEX, second.log);
    await eventually(() => second.texts.length > 0);
    await db.query('insert into a values (3)');
    await other.query('commit');
    expect(await built).toEqual(['0002-b.sql']);
    expect(await waited).toEqual([]);
    expect(await indexes()).toEqual([{ name: 'a_x', valid: true }]);
    expect([first.texts, second.texts]).toEqual([
      [],
      ['another process migrates this database; this one waits until it has finished'],
    ]);
  });

  it('leaves no invalid index behind when the rows break it', async () => {
    await run({ '0001-a.sql': 'create table a (x int); insert into a values (1), (1);' });
    const unique = INDEX['0002-b.sql'].replace('create index', 'create unique index');
    await expect(run({ ...TABLE, '0002-b.sql': unique })).rejects.toThrow(/could not create unique index/);
    expect(await indexes()).toEqual([]);
  });

  it('is continued by the next run when its process dies while it builds an index', async () => {
    await run(TABLE);
    await other.query('begin');
    await other.query('insert into a values (2)');
    const child = migrateInProcess(await folderWith(INDEX));
    await eventually(async () => expect(await indexes()).toEqual([{ name: 'a_x', valid: false }]), 20_000);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const sessions = "select from pg_stat_activity where application_name = 'payloom test session'";
    await eventually(async () => expect(await db.query(sessions)).toEqual([]), 20_000);
    expect(await indexes()).toEqual([{ name: 'a_x', valid: false }]);
    const continued = run(INDEX);
    await other.query('rollback');
    expect(await continued).toEqual(['0002-b.sql']);
    expect(await indexes()).toEqual([{ name: 'a_x', valid: true }]);
  });

  it('records an index that was built by a run that ended before it could', async () => {
    await run(TABLE);
    await db.query('create index a_x on a (x)');
    expect(await run(INDEX)).toEqual(['0002-b.sql']);
  });
});

/** Another process that migrates the database. */
const migrateInProcess = (folder: URL) => {
  const fileOf = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const script = `
    const { createLogger } = await import(${fileOf('../process/logger.ts')});
    const { systemClock } = await import(${fileOf('../process/clock.ts')});
    const { openDatabase } = await import(${fileOf('database.ts')});
    const { migrate } = await import(${fileOf('migrations.ts')});
    const log = createLogger({ level: 'silent' });
    const db = openDatabase({ url: ${JSON.stringify(made.url)}, poolSize: 1, name: 'test', log });
    await migrate(db, new URL(${JSON.stringify(folder.href)}), systemClock, log);`;
  return spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'ignore' });
};
