import { readdir } from 'node:fs/promises';
import { openTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import type { Database } from './database.ts';
import { checkMigrated, parseMigration, splitSql } from './migration-files.ts';
import { folderWith, removeFolders } from './testing/migration-folders.ts';

let made: TestDatabase;
let db: Database;
beforeEach(async () => {
  made = await openTestDatabase();
  ({ db } = made);
});
afterEach(async () => {
  await made.end();
  await removeFolders();
});

const run = async (files: Record<string, string>) => made.migrate(await folderWith(files));
/** The broker's migrations and those of the test, in the order of their names. */
const withBrokers = async (...own: string[]) =>
  [...(await readdir(new URL('./migrations/', import.meta.url))), ...own].sort();
const names = async () =>
  (await db.query<{ name: string }>('select name from migrations order by name')).map((r) => r.name);

const FIRST = { '0001-a.sql': 'create table a (x int);' };

describe('migrations', () => {
  it('run once, in the order of their names, and leave a row each', async () => {
    const files = { '0002-b.sql': 'alter table a add y int;', ...FIRST };
    await run(files);
    await run(files);
    expect(await names()).toEqual(await withBrokers('0001-a.sql', '0002-b.sql'));
  });

  it('run once when several processes start together', async () => {
    const folder = await folderWith(FIRST);
    await Promise.all([1, 2].map(() => made.migrate(folder)));
    expect(await names()).toEqual(await withBrokers('0001-a.sql'));
  });

  it('run where their numbers have gaps, and when a lower number arrives after a higher one', async () => {
    await run({ ...FIRST, '0010-c.sql': 'alter table a add z int;' });
    const files = { ...FIRST, '0003-b.sql': 'alter table a add y int;', '0010-c.sql': 'not SQL' };
    expect(await run(files)).toEqual(['0003-b.sql']);
    expect(await names()).toEqual(await withBrokers('0001-a.sql', '0003-b.sql', '0010-c.sql'));
  });

  it('are named when a program that does not migrate finds them pending', async () => {
    const folder = await folderWith(FIRST);
    const check = () => checkMigrated('orders', db, folder);
    await expect(check()).rejects.toThrow('older than this program, run `npm run migrate`: 0000-broker.sql');
    await made.migrate(folder);
    await expect(check()).resolves.toEqual([]);
  });

  it('change nothing when a check finds something wrong', async () => {
    const bad =
      '-- migrate\ncreate table a (x int);\ninsert into a values (7);\n-- check after\nselect x from a;';
    await expect(run({ '0001-a.sql': bad })).rejects.toThrow(
      '0001-a.sql: 1 rows break the check after it, the first: {"x":7}',
    );
    await expect(db.query('select from a')).rejects.toThrow(/does not exist/);
  });

  it('that have ended stay when a later one fails, and the next run continues', async () => {
    await expect(run({ ...FIRST, '0002-b.sql': 'alter table none add y int;' })).rejects.toThrow(/none/);
    expect(await names()).toEqual(await withBrokers('0001-a.sql'));
    expect(await run({ ...FIRST, '0002-b.sql': 'alter table a add y int;' })).toEqual(['0002-b.sql']);
  });

  it('have no limit on the time of a statement', async () => {
    const setting = "create table a as select current_setting('statement_timeout') as statement;";
    await run({ '0001-a.sql': setting });
    expect(await db.query('select * from a')).toEqual([{ statement: '0' }]);
  });

  it('keep the bodies of functions whole', () => {
    expect(splitSql('select 1; create function f() as $$ begin; end $$; -- x\n select 2')).toHaveLength(3);
    expect(parseMigration('m', '-- check before\nselect 1;\n-- migrate\nx;').before).toEqual(['select 1']);
  });
});

describe('a database that is newer than the program', () => {
  const older = { ...FIRST, '0002-b.sql': 'create table b (x int);' };
  const newer = {
    ...older,
    '0003-c.sql': '-- compatible with 0001\ncreate table c (x int);',
    '0004-d.sql': '-- compatible with 0003\ncreate table d (x int);',
  };
  const accepted = async (files: Record<string, string>) => {
    const folder = await folderWith(files);
    const [checked, migrated] = [() => checkMigrated('orders', db, folder), () => made.migrate(folder)];
    return { checked, migrated };
  };

  it('is accepted when all that it has more is compatible with the program', async () => {
    const { '0004-d.sql': _newest, ...deployed } = newer;
    await run(deployed);
    const { checked, migrated } = await accepted(older);
    expect(await checked()).toEqual(['0003-c.sql']);
    expect(await migrated()).toEqual([]);
  });

  it('is refused with the reason when one is not', async () => {
    await run(newer);
    const refusal = 'newer than this program and does not work with it: ';
    const second = await accepted(older);
    for (const one of Object.values(second))
      await expect(one()).rejects.toThrow(`${refusal}0004-d.sql requires a program with 0003-c.sql`);
    const first = await accepted(FIRST);
    for (const one of Object.values(first))
      await expect(one()).rejects.toThrow(`${refusal}0002-b.sql requires its own program, 0004-d.sql`);
  });

  it('is refused where an older program migrated it, which recorded no compatibility', async () => {
    await db.query('create table migrations (name text primary key, run_at timestamptz not null)');
    for (const name of await withBrokers('0001-a.sql', '0003-c.sql'))
      await db.query('insert into migrations values ($1, now())', [name]);
    const { checked } = await accepted(FIRST);
    await expect(checked()).rejects.toThrow('0003-c.sql requires its own program');
  });
});

describe('a migration file', () => {
  it('names an earlier migration of its folder with which it is compatible', () => {
    const text = '-- compatible with 0001\nselect 1;';
    expect(parseMigration('0003-c.sql', text, ['0001-a.sql', '0002-b.sql'])).toMatchObject({
      compatibleWith: '0001-a.sql',
    });
    expect(() => parseMigration('0003-c.sql', text, ['0002-b.sql'])).toThrow(
      '0003-c.sql: no earlier migration has the number 0001',
    );
  });

  it('without a transaction builds only indexes that can be built again', () => {
    const build = (index: string) =>
      parseMigration('m', `-- no transaction\ncreate index ${index} on a (x);`);
    expect(build('concurrently if not exists a_x')).toMatchObject({ inTransaction: false });
    expect(() => build('concurrently a_x')).toThrow('write "create index concurrently if not exists');
  });
});
