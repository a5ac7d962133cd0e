import type { Client } from 'pg';
import { findServices } from '../../broker/process/find-services.ts';
import { checkLedger, checkParties, checkReadable, checkStuck } from '../../tests/oracle/checks.ts';
import { emptySystem, type TestSystem } from '../backup/testing/empty-system.ts';
import { databaseOf } from '../events/system.ts';
import { connectTo } from '../backup/connect.ts';
import { placesOf } from '../backup/systems.ts';
import { seedPayments } from './seed-payments.ts';
import { seedUsers } from './seed-users.ts';

const NOW_MS = Date.UTC(2026, 10, 30);
const password = { hash: 'none', state: 'reset' } as const;

let system: TestSystem;
let clients: Map<string, Client>;
beforeEach(async () => {
  system = await emptySystem(null);
  await system.migrate();
  clients = new Map();
  for (const place of placesOf(await findServices({}), system.env))
    clients.set(place.service, await connectTo(place, 'seed'));
});
afterEach(async () => {
  for (const client of clients.values()) await client.end();
  await system.close();
});

const clientOf = (service: string): Client => {
  const client = clients.get(service);
  if (!client) throw new Error(`no ${service}`);
  return client;
};

const run = async ({ users = 50, payments = 300, seed = 1, nowMs = NOW_MS } = {}) => {
  const given = { seed, nowMs, say: () => undefined };
  const people = await seedUsers(clients, { ...given, count: users, password });
  const db = databaseOf(system.system, 'payments');
  await seedPayments(clients, { ...given, db, people, count: payments, audit: true });
};

const count = async (service: string, table: string, where = 'true'): Promise<number> => {
  const [row] = await system.query<{ count: number }>(
    service,
    `select count(*)::int as count from ${table} where ${where}`,
  );
  return row?.count ?? -1;
};

/** Indexes, foreign keys and triggers, as the database describes them. */
const schema = (service: string) =>
  system.query(
    service,
    `select pg_get_indexdef(indexrelid) as text from pg_index
       where indrelid::regclass::text !~ '^pg_'
     union all select conname || pg_get_constraintdef(oid) from pg_constraint where contype = 'f'
     union all select tgrelid::regclass || tgname || tgenabled::text from pg_trigger where not tgisinternal
     order by 1`,
  );

const SERVICES = ['auth', 'payments', 'processor-sandbox', 'realtime', 'admin'];

test('what is written agrees with itself and between the services, and nothing is left aside', async () => {
  const before = await Promise.all(SERVICES.map(schema));
  await run();
  expect(await Promise.all(SERVICES.map(schema))).toEqual(before);
  expect(await count('auth', 'users')).toBe(50);
  expect(await count('auth', 'users', "role = 'VENDOR'")).toBe(10);
  expect(await count('auth', 'users', "search_text like '%@seed.example'")).toBe(50);
  for (const [service, table] of [
    ['payments', 'parties'],
    ['realtime', 'people'],
    ['admin', 'people'],
  ] as const)
    expect(await count(service, table)).toBe(50);
  expect(await count('payments', 'payments')).toBe(300);
  const completed = await count('payments', 'payments', "status = 'completed'");
  expect(completed).toBeGreaterThan(200);
  expect(await count('processor-sandbox', 'charges')).toBe(completed);
  expect(await count('admin', 'entries')).toBe(300);
  const db = clientOf('payments');
  const found = [
    ...(await checkLedger(db)),
    ...(await checkReadable(db)),
    ...(await checkStuck(db)),
    ...(await checkParties(clientOf('auth'), db, 0)),
  ];
  expect(found).toEqual([]);
});

test('a second run keeps the users, fills the copies that lack them, and adds payments', async () => {
  await run();
  await clientOf('realtime').query('delete from people');
  await run({ seed: 2 });
  expect(await count('auth', 'users')).toBe(50);
  expect(await count('realtime', 'people')).toBe(50);
  expect(await count('payments', 'payments')).toBe(600);
  await expect(run({ users: 60 })).rejects.toThrow('An earlier run has made 50 users');
});

test('the same seed and time give the same rows', async () => {
  await run({ users: 20, payments: 40 });
  const first = await system.query('payments', 'select * from payments order by id');
  for (const table of ['postings', 'payment_history', 'processor_operations', 'payments'])
    await clientOf('payments').query(`truncate ${table} cascade`);
  await clientOf('processor-sandbox').query('truncate payment_intents, charges cascade');
  await clientOf('admin').query('truncate entries, entry_people, unsealed');
  await run({ users: 20, payments: 40 });
  expect(await system.query('payments', 'select * from payments order by id')).toEqual(first);
});

test('a database that refuses leaves no payment in the others', async () => {
  await run({ payments: 0 });
  await clientOf('admin').query('alter table entries add check (action = $$never$$)');
  const before = await schema('payments');
  await expect(run()).rejects.toThrow('violates check constraint');
  expect(await count('payments', 'payments')).toBe(0);
  expect(await count('processor-sandbox', 'payment_intents')).toBe(0);
  expect(await schema('payments')).toEqual(before);
});
