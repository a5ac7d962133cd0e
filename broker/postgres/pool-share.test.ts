import { Client } from 'pg';
import { eventually } from '../testing/eventually.ts';
import { openTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import type { Database } from './database.ts';
import { sharePool } from './pool-share.ts';

const LOCK = 7;
const WAIT_FOR_LOCK = `select pg_advisory_xact_lock_shared(${LOCK})`;

let made: TestDatabase;
let db: Database;
let holder: Client;
beforeAll(async () => {
  made = await openTestDatabase({ poolSize: 3 });
  ({ db } = made);
  holder = new Client({ connectionString: made.url });
  await holder.connect();
});
afterAll(async () => {
  await holder.end();
  await made.end();
});

const OPTIONS = {
  connections: 2,
  waitingMax: 3,
  waitMs: 10_000,
  statementMs: 5_000,
  details: { busy: 'busy', slow: 'slow' },
};
const hold = () => holder.query(`select pg_advisory_lock(${LOCK})`);
const release = () => holder.query(`select pg_advisory_unlock(${LOCK})`);
const waitingReads = async (): Promise<number> => {
  const { rows } = await holder.query<{ count: number }>(
    "select count(*)::int as count from pg_locks where locktype = 'advisory' and not granted",
  );
  return rows[0]?.count ?? 0;
};

it('runs so many reads at a time, lets some wait and refuses the others; other statements run', async () => {
  const share = sharePool(db, OPTIONS);
  await hold();
  const reads = [1, 2, 3, 4, 5].map(() => share((tx) => tx.query(WAIT_FOR_LOCK)));
  await eventually(async () => (await waitingReads()) === 2);
  await expect(share((tx) => tx.query('select 1'))).rejects.toMatchObject({
    code: 'unavailable',
    message: 'busy',
    data: { retryAfterS: 1 },
  });
  expect(await db.query('select 1 as one')).toEqual([{ one: 1 }]);
  await release();
  expect(await Promise.all(reads)).toHaveLength(5);
  expect(await share((tx) => tx.query('select 2 as two'))).toEqual([{ two: 2 }]);
});

it('refuses a read that has waited too long, without running it', async () => {
  const share = sharePool(db, { ...OPTIONS, connections: 1, waitMs: 100 });
  await hold();
  const first = share((tx) => tx.query(WAIT_FOR_LOCK));
  let ran = false;
  const second = share(async () => (ran = true));
  const refused = expect(second).rejects.toMatchObject({ code: 'unavailable', message: 'busy' });
  const endMs = performance.now() + 150;
  await eventually(() => performance.now() > endMs);
  await release();
  await Promise.all([first, refused]);
  expect(ran).toBe(false);
});

it('ends a statement that takes too long, on one core, and leaves the connection as it was', async () => {
  const share = sharePool(db, { ...OPTIONS, statementMs: 50 });
  const sleeps = share((tx) => tx.query('select pg_sleep(20)'));
  await expect(sleeps).rejects.toMatchObject({
    code: 'unavailable',
    message: 'slow',
    data: { retryAfterS: expect.any(Number) },
  });
  const SETTINGS = `select current_setting('statement_timeout') as time,
    current_setting('max_parallel_workers_per_gather') as workers`;
  expect(await share((tx) => tx.query(SETTINGS))).toEqual([{ time: '50ms', workers: '0' }]);
  expect(await db.query(SETTINGS)).toMatchObject([{ time: '10s' }]);
});

it('passes other errors of the read unchanged', async () => {
  const share = sharePool(db, OPTIONS);
  await expect(share((tx) => tx.query('select no_such_column'))).rejects.toMatchObject({ code: '42703' });
});
