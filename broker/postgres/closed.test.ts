import { createLogger } from '../process/logger.ts';
import { eventually } from '../testing/eventually.ts';
import { openTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { closedBecause, closeSql, OPEN_SQL, waitUntilOpen } from './closed.ts';

const log = createLogger({ level: 'silent' });
let made: TestDatabase;
beforeAll(async () => {
  made = await openTestDatabase();
});
afterAll(() => made.end());

const close = async (why: string): Promise<void> => {
  for (const statement of closeSql(why)) await made.db.query(statement);
};

const waitsFor = () => {
  const state = { isOpen: false };
  const opened = waitUntilOpen(made.db, log).then(() => (state.isOpen = true));
  return { state, opened };
};

test('a database is open, is closed for a reason, and is open again', async () => {
  expect(await closedBecause(made.db)).toBeNull();
  await waitUntilOpen(made.db, log);
  await close("the owner's data is being copied");
  expect(await closedBecause(made.db)).toBe("the owner's data is being copied");
  const { state, opened } = waitsFor();
  // Several looks later.
  await made.db.query('select pg_sleep(0.7)');
  expect(state.isOpen).toBe(false);
  await made.db.query(OPEN_SQL);
  await opened;
  expect(await closedBecause(made.db)).toBeNull();
});

test('a server that is lost meanwhile does not open it', async () => {
  await close('x');
  const { state, opened } = waitsFor();
  await made.db.query('select pg_sleep(0.3)');
  await made.db.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid()`,
  );
  await made.db.query('select pg_sleep(0.5)');
  expect(state.isOpen).toBe(false);
  await eventually(async () => {
    await made.db.query(OPEN_SQL);
    return true;
  });
  await opened;
});
