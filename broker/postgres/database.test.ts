import { createServer, type AddressInfo } from 'node:net';
import { createLogger } from '../process/logger.ts';
import { eventually } from '../testing/eventually.ts';
import { openTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { isUniqueViolation, openDatabase, type Database } from './database.ts';
import type { About } from './signals.ts';

const log = createLogger({ level: 'silent' });
let made: TestDatabase;
let db: Database;
beforeAll(async () => {
  made = await openTestDatabase();
  ({ db } = made);
  await db.query('create table words (word text constraint words_once unique)');
});
afterAll(async () => {
  await made.end();
});

const words = async () => (await db.query<{ word: string }>('select word from words')).map((row) => row.word);

describe('a database', () => {
  it('commits all of a transaction or nothing, and runs afterCommit only after a commit', async () => {
    const after: string[] = [];
    const write = (word: string, fails: boolean) =>
      db.transaction(async (tx) => {
        tx.afterCommit(() => after.push(word));
        await tx.query('insert into words values ($1)', [word]);
        if (fails) throw new Error('no');
      });
    await write('kept', false);
    await expect(write('lost', true)).rejects.toThrow('no');
    expect([await words(), after]).toEqual([['kept'], ['kept']]);
  });

  it('distinguishes a duplicate key from other errors', async () => {
    const again = await db.query("insert into words values ('kept')").catch((error: unknown) => error);
    expect(isUniqueViolation(again, 'words_once')).toBe(true);
    expect(isUniqueViolation(again, 'another')).toBe(false);
    expect(isUniqueViolation(new Error('x'))).toBe(false);
  });

  it('throws unavailable when every connection is taken for too long, and recovers afterwards', async () => {
    const holders = [1, 2].map(() => db.query('select pg_sleep(3.6)'));
    await expect(db.query('select 1')).rejects.toMatchObject({
      code: 'unavailable',
      data: { retryAfterS: 1 },
    });
    await Promise.all(holders);
    expect(await db.query('select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('throws unavailable when its connections are cut, and opens new ones', async () => {
    const cut = db.query('select pg_terminate_backend(pg_backend_pid())');
    await expect(cut).rejects.toMatchObject({ code: 'unavailable' });
    await eventually(() =>
      db.query('select 1').then(
        () => true,
        () => false,
      ),
    );
  });

  it('continues when a migration adds a column to what a prepared statement returns', async () => {
    await db.query('create table grown (a int)');
    await db.query('insert into grown values (1)');
    const read = () => db.query('select * from grown');
    const readInTransaction = () => db.transaction((tx) => tx.query('select * from grown'));
    await Promise.all([read(), read()]);
    await db.query('alter table grown add b int default 2');
    expect(await Promise.all([read(), read()])).toEqual([[{ a: 1, b: 2 }], [{ a: 1, b: 2 }]]);
    await db.query('alter table grown add c int default 3');
    await expect(readInTransaction()).rejects.toMatchObject({ code: 'unavailable' });
    expect(await readInTransaction()).toEqual([{ a: 1, b: 2, c: 3 }]);
  });

  it('calls listeners with the subjects that this and other processes notify', async () => {
    const other = openDatabase({ url: made.url, poolSize: 1, name: 'other', log });
    try {
      const received: About[] = [];
      db.listen('news', (about) => void received.push(about));
      // After each connection the listener is called with null: anything may have changed.
      await eventually(() => received.length > 0);
      expect(received.splice(0)).toEqual([null]);
      for (const sender of [db, other]) {
        // More than fits into one notification.
        const about = Array.from({ length: 1_000 }, (_one, index) => `user-${index}`);
        for (const one of about) sender.notify('news', one);
        const all = () => new Set(received.flatMap((each) => [...(each ?? [])]));
        await eventually(() => all().size === about.length);
        expect([...all()]).toEqual(about);
        received.length = 0;
      }
    } finally {
      await other.close();
    }
  });

  it('wakes the workers of this process, once for many calls, and no other process', async () => {
    const other = openDatabase({ url: made.url, poolSize: 1, name: 'other', log });
    try {
      const woken = { here: 0, there: 0 };
      db.onWake('work', () => (woken.here += 1));
      other.onWake('work', () => (woken.there += 1));
      let received = 0;
      other.listen('after it', () => (received += 1));
      await eventually(() => received > 0);
      for (let time = 0; time < 10; time++) db.wake('work');
      // The notification is a sentinel: it arrives after the earlier wake-ups.
      db.notify('after it', 'x');
      await eventually(() => received > 1);
      expect(woken).toEqual({ here: 1, there: 0 });
    } finally {
      await other.close();
    }
  });
});

/** A message of the PostgreSQL protocol: its type, its length, its content. */
const serverMessage = (letter: string, content: string | number): Buffer => {
  const body = typeof content === 'string' ? Buffer.from(content, 'latin1') : Buffer.alloc(content);
  const head = Buffer.alloc(5);
  head.write(letter);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};

it('survives a server that ends connections just when they are ready', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () =>
      socket.end(
        Buffer.concat([
          serverMessage('R', 4),
          serverMessage('Z', 'I'),
          serverMessage('E', 'SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0'),
        ]),
      ),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `postgres://user@127.0.0.1:${(server.address() as AddressInfo).port}/none`;
  const other = openDatabase({ url, poolSize: 2, name: 'test', log });
  try {
    for (let tries = 0; tries < 5; tries++)
      await expect(other.query('select 1')).rejects.toMatchObject({ code: 'unavailable' });
  } finally {
    await other.close();
    server.close();
  }
});
