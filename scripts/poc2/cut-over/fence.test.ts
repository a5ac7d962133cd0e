import { Client } from 'pg';
import { sampleSource, type SampleSource } from '../testing/sample-source.ts';
import { FENCED, liftFence, raiseFence } from './fence.ts';

let source: SampleSource;
let app: Client;
beforeAll(async () => {
  source = await sampleSource(5, 10);
  await source.client.query('create schema payloom_move');
  await source.client.query('create table payloom_move.state (fenced_at timestamptz)');
  await source.client.query('insert into payloom_move.state values (null)');
  app = new Client({ connectionString: source.url, application_name: 'payments-service' });
  await app.connect();
});
afterAll(async () => {
  await app.end();
  await source.drop();
});
afterEach(async () => {
  await app.query('rollback');
  await liftFence(source.client);
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
  await raiseFence(source.client);
  await expect(app.query(sql)).rejects.toMatchObject({ message: FENCED, code: '25006' });
  expect((await app.query('select count(*) from payments')).rows).toHaveLength(1);
});

test('raised twice is raised once; lifted, writes work again; a session may pass', async () => {
  await raiseFence(source.client);
  const at = 'select fenced_at from payloom_move.state';
  const [first] = (await app.query(at)).rows as { fenced_at: Date }[];
  await raiseFence(source.client);
  expect((await app.query(at)).rows).toEqual([first]);
  await app.query("set payloom.back_out = 'on'");
  await app.query("update users set name = 'Back' where id = (select min(id) from users)");
  await app.query('reset payloom.back_out');
  await expect(app.query("update users set name = 'x'")).rejects.toThrow(FENCED);
  await liftFence(source.client);
  expect((await app.query("update users set name = 'Y'")).rowCount).toBe(5);
  expect((await app.query(at)).rows).toEqual([{ fenced_at: null }]);
});

test('a transaction that writes commits first; statements that come later fail', async () => {
  await app.query("begin; update users set name = 'Before'");
  const raised = raiseFence(source.client);
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
