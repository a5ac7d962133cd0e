import { Client } from 'pg';
import { eventually } from '../../../broker/testing/eventually.ts';
import { throwAwayDatabase } from '../../../broker/testing/throw-away-database.ts';
import { beginSnapshot } from '../copy/snapshot.ts';
import { openSource } from '../copy/source.ts';
import { sampleSource, type SampleSource } from '../testing/sample-source.ts';
import { checkTriggers, covers, installChangeLog, readChangeLog, uninstallChangeLog } from './change-log.ts';
import { deleteSeen, readChanges } from './changes.ts';

let source: SampleSource;
let reader: Client;
const more: Client[] = [];
const connect = async (url = source.url): Promise<Client> => {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  more.push(client);
  return client;
};

beforeAll(async () => {
  source = await sampleSource(30, 60);
  expect(await installChangeLog(source.url)).toMatch(/^Changes of .* are logged from now on/);
  reader = await connect();
}, 60_000);
afterAll(async () => {
  for (const client of more) await client.end();
  await source?.drop();
});

const snapshot = async (): Promise<string> => {
  const taken = await beginSnapshot(reader);
  await reader.query('commit');
  return taken;
};

/** What is new since a snapshot, as texts. */
const since = async (before: string): Promise<string[]> => {
  await beginSnapshot(reader);
  const { rows } = await readChanges(reader, [before]);
  await reader.query('commit');
  return rows
    .map(({ table, id, parentId, isWide }) =>
      [table, id, parentId, isWide ? 'wide' : null].filter((one) => one !== null).join(' '),
    )
    .toSorted();
};

const sql = (text: string) => source.client.query(text);
const newUser = (id: string, name = 'N') =>
  `insert into users values ('${id}', '${id}@x.org', 'h', '${name}', 'CUSTOMER', true, now(), now())`;
const newPayment = (id: string, from: string, to: string) =>
  `insert into payments (id, sender_id, recipient_id, amount, status, type, updated_at)
   values ('${id}', '${from}', '${to}', 5, 'pending', 'instant', now())`;

it('is installed once', async () => {
  expect(await installChangeLog(source.url)).toMatch(/^The change log is there since /);
  const opened = await openSource(source.url);
  const log = await readChangeLog(opened);
  expect(log && (await covers(opened.client, log, opened.snapshot))).toBe(true);
  expect(log && (await covers(opened.client, log, '1:1:'))).toBe(false);
  await opened.close();
});

it('logs keys, both of them when an update changes one, and whether others depend on it', async () => {
  let before = await snapshot();
  await sql(newUser('u1'));
  await sql(newUser('u2'));
  expect(await since(before)).toEqual(['users u1 wide', 'users u2 wide']);
  before = await snapshot();
  await sql(`update users set password_hash = 'other', updated_at = now() where id = 'u1'`);
  expect(await since(before)).toEqual(['users u1']);
  await sql(`update users set name = 'Other' where id = 'u1'`);
  await sql(`update users set id = 'u3' where id = 'u2'`);
  expect(await since(before)).toEqual(['users u1 wide', 'users u2 wide', 'users u3 wide']);
  before = await snapshot();
  await sql(newPayment('p1', 'u1', 'u3'));
  await sql(`insert into payment_transactions values ('t1', 'p1', 'pending', null, null, null, now())`);
  await sql(`insert into user_profiles (id, user_id, updated_at) values ('f1', 'u1', now())`);
  await sql(`update user_profiles set user_id = 'u3' where id = 'f1'`);
  await sql(`insert into system_config values ('c1', '1', null, now(), null)`);
  expect(await since(before)).toEqual([
    'payment_transactions t1 p1 wide',
    'payments p1 wide',
    'system_config c1 wide',
    'user_profiles f1 u1 wide',
    'user_profiles f1 u3 wide',
  ]);
  before = await snapshot();
  await sql(`update payments set status = 'processing' where id = 'p1'`);
  expect(await since(before)).toEqual(['payments p1']);
});

it('logs what a deletion takes along', async () => {
  await sql(newUser('d1'));
  await sql(newUser('d2'));
  await sql(newPayment('dp', 'd2', 'd1'));
  await sql(`insert into refresh_tokens values ('dt', 'd1', 'token', now(), now())`);
  await sql(`insert into user_profiles (id, user_id, updated_at) values ('df', 'd1', now())`);
  await sql(`insert into audit_logs (id, user_id, action) values ('da', 'd1', 'a')`);
  const before = await snapshot();
  await sql(`delete from users where id = 'd1'`);
  expect(await since(before)).toEqual([
    'audit_logs da wide',
    'payments dp wide',
    'refresh_tokens dt wide',
    'user_profiles df d1 wide',
    'users d1 wide',
  ]);
});

it('logs truncation, and changes of sessions that switch triggers off', async () => {
  const before = await snapshot();
  await sql('begin; truncate payments, payment_transactions');
  await sql('rollback');
  expect(await since(before)).toEqual([]);
  await sql('truncate refresh_tokens');
  await sql(`set session_replication_role = 'replica'; update users set name = 'X' where id = 'u1'`);
  await sql('reset session_replication_role');
  expect(await since(before)).toEqual(['refresh_tokens * wide', 'users u1 wide']);
});

it('a batch is what has committed since, whatever the order in which transactions began', async () => {
  const [early, late] = [await connect(), await connect()];
  let before = await snapshot();
  await early.query(`begin; ${newUser('early')}`);
  await late.query(`begin; ${newUser('late')}; savepoint one; ${newUser('undone')}`);
  await late.query(`rollback to savepoint one; savepoint two; ${newUser('kept')}; release savepoint two`);
  expect(await since(before)).toEqual([]);
  await late.query('commit');
  expect(await since(before)).toEqual(['users kept wide', 'users late wide']);
  before = await snapshot();
  await early.query(`savepoint one; ${newUser('inner')}; release savepoint one`);
  expect(await since(before)).toEqual([]);
  expect(await deleteSeen(source.client, [before])).toBeGreaterThan(0);
  await early.query('commit');
  expect(await deleteSeen(source.client, [before])).toBe(0);
  expect(await since(before)).toEqual(['users early wide', 'users inner wide']);
  before = await snapshot();
  await early.query(`begin; ${newUser('gone')}; rollback`);
  expect(await since(before)).toEqual([]);
});

it('needs no right of those who write', async () => {
  const role = `writer_${process.pid}`;
  await sql(`create role ${role} login password 'writer'; grant insert on users to ${role}`);
  try {
    const url = new URL(source.url);
    url.username = role;
    url.password = 'writer';
    const before = await snapshot();
    const writer = await connect(url.href);
    await writer.query(newUser('written'));
    await expect(writer.query('select from payloom_move.changes')).rejects.toThrow('permission denied');
    expect(await since(before)).toEqual(['users written wide']);
    await expect(uninstallChangeLog(url.href)).rejects.toThrow('may not read the change log');
    await writer.end();
  } finally {
    await sql(`drop owned by ${role}; drop role ${role}`);
  }
});

it('says what it needs in a source that it cannot change', async () => {
  const role = `reader_${process.pid}`;
  const other = await sampleSource(10, 10);
  const url = new URL(other.url);
  const database = url.pathname.slice(1);
  await other.client.query(`create role ${role} login password 'reader'`);
  try {
    await other.client.query(`grant select on all tables in schema public to ${role}`);
    url.username = role;
    url.password = 'reader';
    const refusal = /^The login for .* may not do this: .*\. It needs CREATE on the database and must own/;
    await expect(installChangeLog(url.href)).rejects.toThrow(refusal);
    await other.client.query(`grant create on database ${database} to ${role}`);
    await expect(installChangeLog(url.href)).rejects.toThrow(refusal);
    await other.client.query(`alter database ${database} set default_transaction_read_only = on`);
    await expect(installChangeLog(other.url)).rejects.toThrow(
      /takes no writes .*: name the primary server\.$/,
    );
  } finally {
    await other.client.query(`drop owned by ${role}; drop role ${role}`);
    await other.drop();
  }
});

it('says that a trigger is missing', async () => {
  await sql('alter table payments disable trigger payloom_log');
  await expect(checkTriggers(source.client, 'x')).rejects.toThrow(
    'missing or disabled on payments of x: changes are lost',
  );
  await expect(installChangeLog(source.url)).rejects.toThrow('missing or disabled on payments');
  await sql('alter table payments enable always trigger payloom_log');
  await expect(checkTriggers(source.client, 'x')).resolves.toBeUndefined();
});

it('waits for writers in short tries, and leaves nothing behind when it is removed', async () => {
  await sql('update payloom_move.state set fenced_at = now()');
  await expect(uninstallChangeLog(source.url)).rejects.toThrow('takes no writes since the cut-over');
  await sql('update payloom_move.state set fenced_at = null');
  const writer = await connect();
  await writer.query(`begin; update users set name = 'Y' where id = 'u1'`);
  const removed = uninstallChangeLog(source.url);
  await eventually(async () => {
    const waiting = await reader.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    expect(waiting.rowCount).toBe(1);
  });
  await writer.query('commit');
  expect(await removed).toMatch(/^The change log of .* is removed\.$/);
  const { rowCount } = await reader.query(
    `select from pg_trigger where tgname like 'payloom%' union all
     select from pg_namespace where nspname = 'payloom_move'`,
  );
  expect(rowCount).toBe(0);
  expect(await uninstallChangeLog(source.url)).toMatch(/has no change log\.$/);
});

it('refuses a database that is none of POC-2', async () => {
  const { url, drop } = await throwAwayDatabase();
  await expect(installChangeLog(url)).rejects.toThrow(/is no database of POC-2: it has no table users\.$/);
  await drop();
});
