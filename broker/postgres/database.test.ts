import { createLogger } from '../logger.ts';
import { eventually, throwAwayDatabase } from '../testing/start-rooms.ts';
import { isUniqueViolation, openDatabase, type Database } from './database.ts';

const log = createLogger({ level: 'silent' });
let made: Awaited<ReturnType<typeof throwAwayDatabase>>;
let db: Database;
beforeAll(async () => {
  made = await throwAwayDatabase();
  db = openDatabase({ url: made.url, poolSize: 2, name: 'test', log });
  await db.query('create table words (word text constraint words_once unique)');
});
afterAll(async () => {
  await db.close();
  await made.drop();
});

const words = async () => (await db.query<{ word: string }>('select word from words')).map((row) => row.word);

describe('a database', () => {
  it('keeps all of a transaction or nothing, and says so afterwards only when it kept it', async () => {
    const said: string[] = [];
    const write = (word: string, fails: boolean) =>
      db.transaction(async (tx) => {
        tx.afterCommit(() => said.push(word));
        await tx.query('insert into words values ($1)', [word]);
        if (fails) throw new Error('no');
      });
    await write('kept', false);
    await expect(write('lost', true)).rejects.toThrow('no');
    expect([await words(), said]).toEqual([['kept'], ['kept']]);
  });

  it('tells a second row with the same key from other errors', async () => {
    const again = await db.query("insert into words values ('kept')").catch((error: unknown) => error);
    expect(isUniqueViolation(again, 'words_once')).toBe(true);
    expect(isUniqueViolation(again, 'another')).toBe(false);
    expect(isUniqueViolation(new Error('x'))).toBe(false);
  });

  it('answers unavailable when every connection is taken for too long, and goes on afterwards', async () => {
    const holders = [1, 2].map(() => db.query('select pg_sleep(3.6)'));
    await expect(db.query('select 1')).rejects.toMatchObject({
      code: 'unavailable',
      data: { retryAfterS: 1 },
    });
    await Promise.all(holders);
    expect(await db.query('select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('answers unavailable when its connections are cut, and opens new ones', async () => {
    const cut = db.query('select pg_terminate_backend(pg_backend_pid())');
    await expect(cut).rejects.toMatchObject({ code: 'unavailable' });
    await eventually(() =>
      db.query('select 1').then(
        () => true,
        () => false,
      ),
    );
  });

  it('lets listeners hear what this and other processes notify', async () => {
    const other = openDatabase({ url: made.url, poolSize: 1, name: 'other', log });
    try {
      let heard = 0;
      db.listen('news', () => {
        heard += 1;
      });
      // Told once when the connection stands.
      await eventually(() => heard > 0);
      for (const teller of [db, other]) {
        const before = heard;
        teller.notify('news');
        await eventually(() => heard > before);
      }
    } finally {
      await other.close();
    }
  });
});
