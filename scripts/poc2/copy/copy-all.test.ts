import { Client } from 'pg';
import { findServices } from '../../../broker/process/find-services.ts';
import { throwAwayDatabase } from '../../../broker/testing/throw-away-database.ts';
import { copyInto, targetSystem, verifyIn, type TargetSystem } from '../testing/copying.ts';
import { NOW_MS, sampleSource, type SampleSource } from '../testing/sample-source.ts';
import { NO_OPTIONS } from '../mapping/mappings.ts';
import { DATABASES } from './places.ts';
import { openSource } from './source.ts';
import { checkVersion } from './targets.ts';

let source: SampleSource;
let system: TargetSystem;
beforeAll(async () => {
  source = await sampleSource(30, 200);
}, 60_000);
afterAll(() => source?.drop());
beforeEach(async () => {
  system = await targetSystem();
}, 60_000);
afterEach(() => system?.close());

/** Stops a copy when all rows are written and the indexes are not. */
const cutOff = () =>
  copyInto(system, source.url, {
    say: (line) => {
      if (line.startsWith('all rows are written')) throw new Error('cut off');
    },
  }).catch((error: Error) => error.message);

/** Indexes, keys and triggers, as the databases describe them. */
const schemas = async (): Promise<unknown[]> => {
  const found: unknown[] = [];
  for (const database of ['auth', 'payments', 'profile', 'admin'] as const)
    found.push(
      await system.query(
        database,
        `select pg_get_indexdef(indexrelid) as text from pg_index i join pg_class c on c.oid = i.indrelid
           where c.relnamespace = 'public'::regnamespace and c.relname !~ '^poc2_'
         union all select conname || pg_get_constraintdef(oid) from pg_constraint where contype = 'f'
         union all select tgrelid::regclass || tgname || tgenabled::text from pg_trigger
           where not tgisinternal
         order by 1`,
      ),
    );
  return found;
};

it('copies everything, so that verify finds no difference, and leaves the schemas as they were', async () => {
  const before = await schemas();
  const report = await copyInto(system, source.url);
  expect(report.tables.map(({ table }) => table)).toContain('audit_logs');
  const { tables, findings, sourceRows } = await verifyIn(system, source.url);
  expect(findings).toEqual({ count: 0, shown: [] });
  expect(sourceRows).toBe(report.tables.reduce((sum, { rows }) => sum + rows, 0));
  const written = report.tables.reduce((sum, table) => sum + table.written, 0);
  const found = tables.reduce((sum, table) => sum + table.found.rows, 0);
  // The closed account that is the payee of payments without recipient is three rows.
  expect(found).toBe(written + 3);
  expect(await schemas()).toEqual(before);
});

it('writes nothing to the source', async () => {
  const opened = await openSource(source.url);
  await expect(opened.client.query('delete from refresh_tokens')).rejects.toThrow('read-only transaction');
  await opened.close();
});

it('knows the databases as their services describe them', async () => {
  for (const { contract, database } of await findServices({ SERVICES: 'auth,payments,profile,admin' })) {
    const known = DATABASES[contract.service as keyof typeof DATABASES];
    const { env, ownerEnv, appendOnly, migrations } = database ?? {};
    expect({ ...known, migrations: known.migrations.href }).toEqual({
      env,
      ...(ownerEnv && { ownerEnv }),
      ...(appendOnly && { appendOnly }),
      migrations: migrations?.href,
    });
  }
});

it('goes on where it was cut off, and refuses to copy twice', async () => {
  expect(await cutOff()).toBe('cut off');
  await expect(verifyIn(system, source.url)).rejects.toThrow('The copy has not ended');
  await copyInto(system, source.url);
  expect((await verifyIn(system, source.url)).findings.count).toBe(0);
  await expect(copyInto(system, source.url)).rejects.toThrow('Everything was copied before');
});

it('goes on only with the same options, source and rows; starts over with any', async () => {
  await cutOff();
  await expect(copyInto(system, source.url, { options: NO_OPTIONS })).rejects.toThrow(
    'began with other options',
  );
  const other = await sampleSource(10, 10);
  await expect(copyInto(system, other.url)).rejects.toThrow(
    /^The run that was cut off has copied .*, and not/,
  );
  for (const change of [
    'update users set name = name where id = (select min(id) from users)',
    'delete from payment_transactions where id = (select min(id) from payment_transactions)',
    `insert into system_config values ('added', '1', null, now(), null)`,
  ]) {
    await source.client.query(change);
    await expect(copyInto(system, source.url)).rejects.toThrow(
      /^Rows of \w+ have changed in the source since the run/,
    );
    await copyInto(system, source.url, { startOver: true, say: (line) => void line });
    expect((await verifyIn(system, source.url)).findings.count).toBe(0);
    await copyInto(system, source.url, {
      startOver: true,
      say: (line) => {
        if (line.startsWith('all rows')) throw new Error('cut off');
      },
    }).catch(() => undefined);
  }
  await copyInto(system, other.url, { startOver: true });
  expect((await verifyIn(system, other.url)).findings.count).toBe(0);
  await other.drop();
}, 90_000);

it('copies into an empty system only, and starts over only in one that was not used since', async () => {
  const event = `
    insert into outbox (id, event, version, payload, occurred_at) values ('evt_1', 'e', 1, '{}', now())`;
  await system.query('profile', event);
  await expect(copyInto(system, source.url)).rejects.toThrow(
    'The database of profile is not empty: its table outbox has rows.',
  );
  await system.query('profile', 'delete from outbox');
  await system.query('auth', `insert into jobs (name, next_run_at) values ('job', now())`);
  await cutOff();
  await system.query('admin', `insert into people values ('usr_1', 'e', 'n', 'ADMIN', 'active', 1, 'n')`);
  await expect(copyInto(system, source.url)).rejects.toThrow(
    /^The table people of admin has \d+ rows and not/,
  );
  await expect(copyInto(system, source.url, { startOver: true })).rejects.toThrow(
    /^The table people of admin has .* --start-over would delete that/,
  );
  await system.query('admin', `delete from people where id = 'usr_1'`);
  await system.query('profile', 'update poc2_run set opened_at = now()');
  await expect(copyInto(system, source.url, { startOver: true })).rejects.toThrow('profile is in use');
  await system.query('profile', 'update poc2_run set opened_at = null');
  await system.query('profile', event);
  await expect(copyInto(system, source.url, { startOver: true })).rejects.toThrow(
    'its table outbox has rows',
  );
  expect(await system.query('payments', 'select 1 from payments limit 1')).toHaveLength(1);
});

it('migrates no database before all are known to be empty', async () => {
  const { drop, url } = await throwAwayDatabase();
  const env = { ...system.env, AUTH_DATABASE_URL: url };
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await system.query('admin', `insert into people values ('usr_1', 'e', 'n', 'ADMIN', 'active', 1, 'n')`);
    await expect(copyInto({ ...system, env }, source.url)).rejects.toThrow('admin is not empty');
    expect((await client.query(`select from pg_class where relname = 'migrations'`)).rowCount).toBe(0);
    await client.query('create table others as select 1 as one');
    await expect(copyInto({ ...system, env }, source.url)).rejects.toThrow(
      'The database of auth is not empty: its table others has rows.',
    );
    await client.query('drop table others');
    await system.query('admin', 'delete from people');
    await copyInto({ ...system, env }, source.url);
    expect((await client.query('select from users limit 1')).rowCount).toBe(1);
  } finally {
    await client.end();
    await drop();
  }
});

it('sees what a savepoint had written before the copy began, and was committed later', async () => {
  const writer = new Client({ connectionString: source.url });
  await writer.connect();
  try {
    await writer.query('begin');
    await writer.query('select pg_current_xact_id()');
    await writer.query(`savepoint one; update users set name = name where id = (select max(id) from users)`);
    await writer.query('release savepoint one');
    // So that the number of the savepoint is one of those that have been.
    await source.client.query('select pg_current_xact_id()');
    expect(await cutOff()).toBe('cut off');
    await copyInto(system, source.url, {
      say: (line) => {
        if (line.startsWith('all rows')) throw new Error('cut off');
      },
    }).catch(({ message }: Error) => expect(message).toBe('cut off'));
    await writer.query('commit');
    await expect(copyInto(system, source.url)).rejects.toThrow('Rows of users have changed in the source');
  } finally {
    await writer.end();
  }
});

it('copies only while no process and no other run uses the system', async () => {
  await system.query('payments', `set application_name = 'payloom payments'`);
  await expect(copyInto(system, source.url)).rejects.toThrow(
    'The process "payloom payments" runs on this system',
  );
  await system.query('payments', `set application_name = 'psql'`);
  let second: Promise<unknown> | undefined;
  await copyInto(system, source.url, {
    say: (line) => {
      if (line.startsWith('all rows'))
        second = expect(copyInto(system, source.url)).rejects.toThrow(
          /^(Another run fills the database of auth|Everything was copied before)/,
        );
    },
  });
  expect(second).toBeDefined();
  await second;
}, 60_000);

it('refuses a source that is none, or that it may not read', async () => {
  const empty = system.env['PROFILE_DATABASE_URL'] ?? '';
  await expect(copyInto(system, empty)).rejects.toThrow(/is no database of POC-2: it has no table users\.$/);
  await expect(copyInto(system, 'mysql://x/y')).rejects.toThrow('is no postgres:// URL');
  await expect(copyInto(system, 'postgres://nobody:secret@127.0.0.1:1/none')).rejects.toThrow(
    /^The source at 127\.0\.0\.1:1\/none cannot be used: (?!.*secret)/,
  );
  const other = await sampleSource(10, 10);
  const { client } = other;
  await client.query('alter table payments rename column amount to sum');
  await expect(copyInto(system, other.url)).rejects.toThrow('payments has no column amount');
  await client.query('alter table payments rename column sum to amount');
  await client.query('drop index payment_transactions_payment_id_idx');
  await expect(copyInto(system, other.url)).rejects.toThrow('no index on payment_transactions (payment_id)');
  await client.query('create index on payment_transactions (payment_id)');
  const role = `reader_${NOW_MS.toString(36)}_${process.pid}`;
  await client.query(`create role ${role} login password 'reader'`);
  try {
    await client.query(`grant select on all tables in schema public to ${role}`);
    await client.query(`revoke select on audit_logs from ${role}`);
    const url = new URL(other.url);
    url.username = role;
    url.password = 'reader';
    await expect(copyInto(system, url.href)).rejects.toThrow('may not read the table audit_logs');
  } finally {
    await client.query(`drop owned by ${role}; drop role ${role}`);
    await other.drop();
  }
});

it.each([
  [150_000, null],
  [180_004, null],
  [149_999, 'The PostgreSQL of auth is version 14; 15 is the oldest that can be used.'],
])('a server of version %i', (version, refusal) => {
  const check = () => checkVersion('auth', version, 150_000);
  if (refusal === null) expect(check).not.toThrow();
  else expect(check).toThrow(refusal);
});
