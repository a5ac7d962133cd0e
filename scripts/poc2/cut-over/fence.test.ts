import { Client } from 'pg';
import { sampleSource, type SampleSource } from '../testing/sample-source.ts';
import { connectToSource, type SourceConnection } from '../copy/source.ts';
import { installChangeLog } from '../follow/change-log.ts';
import { FENCED, PASS } from '../follow/change-log-sql.ts';
import { liftFence, raiseFence } from './fence.ts';

let source: SampleSource;
let mover: SourceConnection;
let app: Client;
beforeAll(async () => {
  source = await sampleSource(5, 10);
  await installChangeLog(source.url);
  mover = await connectToSource(source.url);
  app = new Client({ connectionString: source.url, application_name: 'payments-service' });
  await app.connect();
});
afterAll(async () => {
  await app.end();
  await mover.close();
  await source.drop();
});
afterEach(async () => {
  await app.query('rollback');
  await liftFence(mover);
});

const WRITES = [
  ['users', "update users set name = 'x'"],
  ['refresh_tokens', 'delete from refresh_tokens'],
  ['payments', 'insert into payments select * from payments limit 1'],
  ['payment_transactions', 'truncate payment_transactions'],
  ['audit_logs', 'delete from audit_logs where false'],
  ['system_config', "insert into system_config values ('k', '1', null, now(), null)"],
  ['user_profiles', 'update user_profiles set bio = null'],
] as const;

test.each(WRITES)('a write to %s fails with a clear error while the fence is up', async (_table, sql) => {
  await raiseFence(mover);
  await expect(app.query(sql)).rejects.toMatchObject({ message: FENCED, code: '25006' });
  expect((await app.query('select count(*) from payments')).rows).toHaveLength(1);
});

test('raised twice is raised once; lifted, writes work again; a session may pass', async () => {
  await raiseFence(mover);
  const at = 'select fenced_at from payloom_move.state';
  const [first] = (await app.query(at)).rows as { fenced_at: Date }[];
  await raiseFence(mover);
  expect((await app.query(at)).rows).toEqual([first]);
  await app.query(PASS);
  await app.query("update users set name = 'Back' where id = (select min(id) from users)");
  await app.query('reset payloom.back_out');
  await expect(app.query("update users set name = 'x'")).rejects.toThrow(FENCED);
  await liftFence(mover);
  expect((await app.query("update users set name = 'Y'")).rowCount).toBe(5);
  expect((await app.query(at)).rows).toEqual([{ fenced_at: null }]);
});

test('a transaction that writes commits first; statements that come later fail', async () => {
  await app.query("begin; update users set name = 'Before'");
  const raised = raiseFence(mover);
  const other = new Client({ connectionString: source.url });
  await other.connect();
  // It waits behind the fence, for the lock.
  const late = other.query("update users set name = 'After'").catch((error: Error) => error.message);
  await app.query('commit');
  await raised;
  // It came in when a try of the fence had given up, or it failed.
  const outcome = await late;
  const { rows } = await app.query<{ name: string }>('select distinct name from users');
  expect(rows).toEqual([{ name: outcome === FENCED ? 'Before' : 'After' }]);
  await other.end();
});
