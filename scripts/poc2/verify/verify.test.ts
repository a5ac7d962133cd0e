import { copyInto, targetSystem, verifyIn, type TargetSystem } from '../testing/copying.ts';
import { startPoc2 } from '../testing/poc2-process.ts';
import { sampleSource, type SampleSource } from '../testing/sample-source.ts';
import { MAPPINGS } from '../mapping/mappings.ts';
import { systemConfig } from '../mapping/system-config.ts';
import type { TableMapping, TargetDatabase } from '../mapping/table-mapping.ts';

let source: SampleSource;
let system: TargetSystem;
beforeAll(async () => {
  source = await sampleSource(60, 300);
  system = await targetSystem();
  await copyInto(system, source.url);
}, 90_000);
afterAll(async () => {
  await system?.close();
  await source?.drop();
});

/** What is planted in a table: in a row of its own each, in one column. */
const CHANGES: readonly [database: TargetDatabase, table: string, column: string, value: string][] = [
  ['auth', 'users', 'password_hash', "'another'"],
  ['auth', 'poc2_ids', 'new_id', "new_id || 'x'"],
  ['auth', 'sessions', 'expires_at', "expires_at + interval '1 ms'"],
  ['auth', 'refresh_tokens', 'issued_at', "issued_at - interval '1 ms'"],
  ['payments', 'parties', 'name', "name || ' '"],
  ['payments', 'payments', 'amount_minor', 'amount_minor + 1'],
  ['payments', 'poc2_ids', 'new_id', "new_id || 'x'"],
  ['payments', 'payment_history', 'at', "at + interval '1 s'"],
  ['payments', 'postings', 'currency', "'XXX'"],
  ['payments', 'processor_operations', 'intent_id', "'pi_other'"],
  ['payments', 'published_events', 'payload', "payload || ' '"],
  ['profile', 'details', 'biography', "coalesce(biography, '') || '!'"],
  ['profile', 'preferences', 'notify_sign_ins', 'not notify_sign_ins'],
  ['admin', 'people', 'email', "'x' || email"],
  ['admin', 'poc2_ids', 'new_id', "new_id || 'x'"],
  ['admin', 'entries', 'people', "people || array['usr_x']"],
];
/** Tables whose rows are nothing but keys. */
const KEYS_ONLY: readonly [TargetDatabase, string][] = [
  ['admin', 'entry_people'],
  ['admin', 'unsealed'],
];

type Undo = () => Promise<unknown>;

/** Runs a statement past triggers and foreign keys. */
const past = async (database: TargetDatabase, sql: string): Promise<unknown[]> => {
  await system.query(database, "set session_replication_role = 'replica'");
  try {
    return await system.query(database, sql);
  } finally {
    await system.query(database, "set session_replication_role = 'origin'");
  }
};

/** Keeps the rows of a table, and brings them back. */
const keep = async (database: TargetDatabase, table: string): Promise<Undo> => {
  await system.query(database, `create temporary table kept as select * from ${table}`);
  const columns = await system.query<{ list: string }>(
    database,
    `select string_agg(quote_ident(attname), ', ' order by attnum) as list from pg_attribute
     where attrelid = '${table}'::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
  );
  const list = columns[0]?.list ?? '';
  return async () => {
    await past(database, `delete from ${table}`);
    await past(
      database,
      `insert into ${table} (${list}) overriding system value select ${list} from pg_temp.kept`,
    );
    await system.query(database, 'drop table pg_temp.kept');
  };
};

const keyOf = async (database: TargetDatabase, table: string): Promise<string> => {
  if (table === 'published_events') return 'id';
  const rows = await system.query<{ key: string }>(
    database,
    `select string_agg(a.attname, ', ' order by array_position(i.indkey::int2[], a.attnum)) as key
     from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
     where i.indrelid = '${table}'::regclass and i.indisprimary`,
  );
  return rows[0]?.key ?? '';
};

const found = async (): Promise<string[]> => {
  const { findings } = await verifyIn(system, source.url);
  expect(findings.count).toBeGreaterThan(0);
  return findings.shown;
};

it('every table that the copy fills is in the lists of this test', async () => {
  const { tables } = await verifyIn(system, source.url);
  const filled = tables.filter(({ found: one }) => one.rows > 0).map(({ table }) => table);
  const listed = [...CHANGES, ...KEYS_ONLY].map(([database, table]) => `${database}.${table}`);
  expect(filled.toSorted()).toEqual(listed.toSorted());
});

it.each(CHANGES)('names changed, missing and added rows of %s.%s', async (database, table, column, value) => {
  const undo = await keep(database, table);
  try {
    const key = await keyOf(database, table);
    // The first row may be that of the closed account, which no row of the source has.
    const first = `(select ${key} from ${table} order by ${key} offset 1 limit 1)`;
    const id = key.split(', ')[0];
    const [changed] = (await past(
      database,
      `update ${table} set ${column} = ${value} where (${key}) = ${first} returning ${id}::text as id`,
    )) as { id: string }[];
    const last = `(select ${key} from ${table} order by ${key.replaceAll(',', ' desc,')} desc limit 1)`;
    const [removed] = (await past(
      database,
      `delete from ${table} where (${key}) = ${last} returning ${id}::text as id`,
    )) as { id: string }[];
    const shown = await found();
    const shownId = (row: { id: string } | undefined) => (row?.id ?? 'no row').slice(0, 10);
    const has = (row: { id: string } | undefined, what: RegExp) =>
      shown.some((text) => text.startsWith(`${database}.${table} ${shownId(row)}`) && what.test(text));
    const differs = new RegExp(`differs in ${column}; source: `);
    expect({ shown, has: has(changed, differs) }).toMatchObject({ has: true });
    expect({ shown, has: has(removed, /is missing/) }).toMatchObject({ has: true });
  } finally {
    await undo();
  }
  expect((await verifyIn(system, source.url)).findings).toEqual({ count: 0, shown: [] });
});

it.each(KEYS_ONLY)('names missing and added rows of %s.%s', async (database, table) => {
  const undo = await keep(database, table);
  try {
    const column = table === 'unsealed' ? 'entry_id' : 'person_id';
    const [row] = await system.query<{ id: string }>(
      database,
      `update ${table} set ${column} = 'added' where ctid = (select min(ctid) from ${table})
       returning (select min(${column}) from ${table}) as id`,
    );
    expect(row).toBeDefined();
    const shown = await found();
    expect(shown.some((text) => text.startsWith(`${database}.${table} added`))).toBe(true);
    expect(
      shown.some((text) => text.startsWith(`${database}.${table} `) && /is missing; source: /.test(text)),
    ).toBe(true);
  } finally {
    await undo();
  }
  expect((await verifyIn(system, source.url)).findings).toEqual({ count: 0, shown: [] });
});

it('an entry that admin has sealed is no difference, and one that is in the chain twice is one', async () => {
  const undo = await keep('admin', 'unsealed');
  const seal = `insert into chain (position, entry_id, entry_hash, hash)
    select coalesce((select max(position) from chain), 0) + 1, min(entry_id), '', '' from unsealed`;
  try {
    await past('admin', seal);
    const shown = await found();
    expect(shown[0]).toMatch(/^admin\.unsealed/);
    await past('admin', 'delete from unsealed where entry_id in (select entry_id from chain)');
    expect((await verifyIn(system, source.url)).findings).toEqual({ count: 0, shown: [] });
  } finally {
    await past('admin', 'delete from chain');
    await undo();
  }
});

it('rows that should be there twice are a difference, although no single one differs', async () => {
  const twice: TableMapping<never> = {
    ...systemConfig,
    map: (row, context) => {
      const { rows, irregularities } = systemConfig.map(row, context);
      return { rows: [...rows, ...rows.filter(({ table }) => table === 'unsealed')], irregularities };
    },
  };
  const mappings = MAPPINGS.map((one) => (one.table === 'system_config' ? twice : one));
  const { findings } = await verifyIn(system, source.url, mappings);
  const text = 'admin.unsealed: the checksums differ, and no single row does';
  expect(findings).toEqual({ count: 1, shown: [text] });
});

it('a row that is there twice is named', async () => {
  // published_events has a number of its own as its key: a second row of one event breaks no unique index.
  await past(
    'payments',
    `insert into published_events (id, event, version, payload, occurred_at, published_at)
     select id, event, version, payload, occurred_at, published_at from published_events
     order by id limit 1`,
  );
  try {
    const { code, output } = await startPoc2(system, source.url, ['verify']).exited;
    expect(output).toMatch(/^ {2}payments\.published_events.*is not expected$/m);
    expect(code).toBe(1);
  } finally {
    await past(
      'payments',
      'delete from published_events a using published_events b where a.id = b.id and a.ctid > b.ctid',
    );
  }
});

it('prints what differs and exits with 1, and with 0 where nothing does', async () => {
  const run = () => startPoc2(system, source.url, ['verify']).exited;
  const undo = await keep('auth', 'users');
  try {
    await past('auth', "update users set name = 'Other' where id = (select min(id) from users)");
    const { code, output } = await run();
    expect(output).toMatch(/^ {2}auth\.users usr_[0-9a-f]{32} differs in name/m);
    expect(output).toMatch(/^Differences: \d+$/m);
    expect(code).toBe(1);
  } finally {
    await undo();
  }
  const { code, output, problem } = await run();
  expect(problem).toBe('');
  expect(output).toMatch(/^Verified \d+ rows against \d+ of the source in .* rows\/s\nNo difference$/m);
  expect(output).toMatch(/^ {2}payments\.postings: \d+ rows, checksum [0-9a-f]{16} on both sides$/m);
  expect(code).toBe(0);
}, 60_000);

it('counts all differences and shows the first twenty, without secrets', async () => {
  const undo = await keep('auth', 'users');
  try {
    await past('auth', "update users set password_hash = 'planted' || id");
    const { findings } = await verifyIn(system, source.url);
    expect(findings.count).toBeGreaterThan(40);
    expect(findings.shown).toHaveLength(20);
    expect(findings.shown.join()).not.toMatch(/planted|\$2[aby]\$/);
  } finally {
    await undo();
  }
});
