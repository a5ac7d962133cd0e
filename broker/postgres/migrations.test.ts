import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { systemClock } from '../process/clock.ts';
import { createLogger } from '../process/logger.ts';
import { throwAwayDatabase } from '../testing/start-services.ts';
import { openDatabase, type Database } from './database.ts';
import { checkMigrated, parseMigration, splitSql } from './migration-files.ts';
import { migrate } from './migrations.ts';

const log = createLogger({ level: 'silent' });
let made: Awaited<ReturnType<typeof throwAwayDatabase>>;
let db: Database;
beforeEach(async () => {
  made = await throwAwayDatabase();
  db = openDatabase({ url: made.url, poolSize: 2, name: 'test', log });
});
afterEach(async () => {
  await db.close();
  await made.drop();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

const folders: string[] = [];
const folderWith = async (files: Record<string, string>): Promise<URL> => {
  const folder = await mkdtemp(join(tmpdir(), 'payloom-migrations-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return pathToFileURL(`${folder}/`);
};
const run = async (files: Record<string, string>) => migrate(db, await folderWith(files), systemClock, log);
/** The broker's migrations and those of the test, in the order of their names. */
const withBrokers = async (...own: string[]) =>
  [...(await readdir(new URL('./migrations/', import.meta.url))), ...own].sort();
const names = async () =>
  (await db.query<{ name: string }>('select name from migrations order by name')).map((r) => r.name);

describe('migrations', () => {
  it('run once, in the order of their names, and leave a row each', async () => {
    const files = { '0002-b.sql': 'alter table a add y int;', '0001-a.sql': 'create table a (x int);' };
    await run(files);
    await run(files);
    expect(await names()).toEqual(await withBrokers('0001-a.sql', '0002-b.sql'));
  });

  it('run once when several processes start together', async () => {
    const folder = await folderWith({ '0001-a.sql': 'create table a (x int);' });
    await Promise.all([1, 2].map(() => migrate(db, folder, systemClock, log)));
    expect(await names()).toEqual(await withBrokers('0001-a.sql'));
  });

  it('are named when a program that does not migrate finds them pending', async () => {
    const folder = await folderWith({ '0001-a.sql': 'create table a (x int);' });
    const check = () => checkMigrated('orders', db, folder);
    await expect(check()).rejects.toThrow('older than this program, run `npm run migrate`: 0000-broker.sql');
    await migrate(db, folder, systemClock, log);
    await expect(check()).resolves.toBeUndefined();
    await db.query("insert into migrations values ('0009-later.sql', now())");
    await expect(check()).rejects.toThrow('newer than this program: it has 0009-later.sql');
  });

  it('change nothing when a check finds something wrong', async () => {
    const bad =
      '-- migrate\ncreate table a (x int);\ninsert into a values (7);\n-- check after\nselect x from a;';
    await expect(run({ '0001-a.sql': bad })).rejects.toThrow(
      '0001-a.sql: 1 rows break the check after it, the first: {"x":7}',
    );
    await expect(db.query('select from a')).rejects.toThrow(/does not exist/);
  });

  it('refuse a database that is newer than the program', async () => {
    await run({ '0001-a.sql': 'create table a (x int);', '0002-b.sql': 'create table b (x int);' });
    await expect(run({ '0001-a.sql': 'create table a (x int);' })).rejects.toThrow(
      /newer than this program.*0002-b/,
    );
  });

  it('keep the bodies of functions whole', () => {
    expect(splitSql('select 1; create function f() as $$ begin; end $$; -- x\n select 2')).toHaveLength(3);
    expect(parseMigration('m', '-- check before\nselect 1;\n-- migrate\nx;').before).toEqual(['select 1']);
  });
});
