import { compareJob } from '../../broker/copies/compare-job.ts';
import { findServices } from '../../broker/process/find-services.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import type { Action } from '../../shared/contracts/contract.ts';
import { connectTo } from '../backup/connect.ts';
import { emptySystem, type TestSystem } from '../backup/testing/empty-system.ts';
import { placesOf } from '../backup/systems.ts';
import { databaseOf } from '../events/system.ts';
import { seedUsers } from '../seed/seed-users.ts';
import { readUserCopies } from '../../services/auth/persistence/accounts/user-copies.ts';
import { runCopies } from './run-copies.ts';

const COPIES = [
  ['payments', 'parties'],
  ['realtime', 'people'],
  ['admin', 'people'],
] as const;
/** More than two pages of the source. */
const USERS = 2_100;

let system: TestSystem;
let ids: string[];
beforeAll(async () => {
  system = await emptySystem(null);
  await system.migrate();
  const clients = new Map();
  for (const place of placesOf(await findServices({}), system.env))
    clients.set(place.service, await connectTo(place, 'seed'));
  const password = { hash: 'none', state: 'reset' } as const;
  const given = { seed: 1, nowMs: Date.UTC(2026, 10, 30), say: () => undefined };
  const people = await seedUsers(clients, { ...given, count: USERS, password });
  ids = people.map(({ id }) => id);
  for (const client of clients.values()) await client.end();
});
afterAll(() => system.close());

const run = (rebuild: boolean, service?: string) =>
  runCopies(system.system, { rebuild, service, settleMs: 0 });

/** One of each kind, on all three pages. */
const plant = async (service: string, table: string): Promise<void> => {
  const at = (index: number) => [ids[index]];
  await system.query(service, `delete from ${table} where id = $1`, at(3));
  await system.query(service, `update ${table} set version = 0, name = 'Old' where id = $1`, at(999));
  await system.query(service, `update ${table} set name = 'Other' where id = $1`, at(1_000));
  await system.query(service, `update ${table} set version = 9, role = 'ADMIN' where id = $1`, at(2_099));
};
const plantUnknown = async (): Promise<void> => {
  await system.query(
    'realtime',
    `insert into people (id, name, role, status, version)
     values ('usr_zz', 'Nobody', 'CUSTOMER', 'active', 1)`,
  );
};

test('equal copies are equal', async () => {
  expect(await run(false)).toEqual({
    differences: 0,
    unmended: 0,
    lines: [
      'admin.people: equal',
      'auth.settings: equal',
      'payments.parties: equal',
      'payments.settings: equal',
      'realtime.people: equal',
    ],
  });
});

test('every planted difference is found in every copy, and a rebuild mends it', async () => {
  for (const [service, table] of COPIES) await plant(service, table);
  const planted = [3, 999, 1_000, 2_099].map((at) => ids[at]);
  const before = await system.query('payments', 'select * from parties where id = $1', [ids[5]]);
  const found = await run(false);
  expect(found.differences).toBe(12);
  expect(found.lines.toSorted()[2]).toBe(
    `payments.parties: 1 missing, 1 stale, 1 different, 1 ahead (${planted.join(', ')})`,
  );
  expect(await run(true)).toMatchObject({ differences: 12, unmended: 0 });
  expect(await run(false)).toMatchObject({ differences: 0 });
  expect(await system.query('payments', 'select * from parties where id = $1', [ids[5]])).toEqual(before);
});

test('settings that differ are found and mended in both services that obey them', async () => {
  const limits = JSON.stringify({ USD: 2_000, EUR: 1_000 });
  await system.query(
    'admin',
    `insert into settings (key, value, version)
     values ('paymentsStopped', 'true', 3), ('largestAmounts', $1, 2)`,
    [limits],
  );
  for (const service of ['auth', 'payments'])
    await system.query(
      service,
      // The order of the currencies is no difference.
      `insert into settings (id, value, version)
       values ('paymentsStopped', 'false', 3), ('largestAmounts', '{"EUR": 1000, "USD": 2000}', 2)`,
    );
  expect(await run(false, 'payments')).toMatchObject({
    lines: ['payments.parties: equal', 'payments.settings: 1 different (paymentsStopped)'],
  });
  await system.query('auth', "delete from settings where id = 'largestAmounts'");
  expect(await run(true)).toMatchObject({ differences: 3, unmended: 0 });
  for (const service of ['auth', 'payments'])
    expect(await system.query(service, 'select id, value, version from settings order by id')).toEqual([
      { id: 'largestAmounts', value: JSON.parse(limits) as unknown, version: 2 },
      { id: 'paymentsStopped', value: true, version: 3 },
    ]);
});

test('a row without a source is reported and stays', async () => {
  await plantUnknown();
  const { lines, unmended } = await run(true, 'realtime');
  expect(unmended).toBe(1);
  expect(lines).toEqual([
    'realtime.people: 1 unknown (usr_zz)',
    'realtime.people: 0 rows written, 1 still differ',
  ]);
  await system.query('realtime', "delete from people where id = 'usr_zz'");
});

test('an event that arrives meanwhile is no difference', async () => {
  const [id] = ids;
  await system.query('auth', "update users set name = 'New', version = 2 where id = $1", [id]);
  const running = runCopies(system.system, { rebuild: false, service: 'realtime', settleMs: 500 });
  setTimeout(() => {
    void system.query('realtime', "update people set name = 'New', version = 2 where id = $1", [id]);
  }, 200);
  expect(await running).toMatchObject({ differences: 0 });
  expect(await run(true)).toMatchObject({ differences: 2, unmended: 0 });
});

test('the daily job of a service fails with what it finds', async () => {
  const definitions = await findServices({ SERVICES: 'payments' });
  const db = databaseOf(system.system, 'payments');
  const authDb = databaseOf(system.system, 'auth');
  const call = async (action: Action, params: unknown): Promise<unknown> => {
    expect(action.name).toBe(auth.actions.userCopies.name);
    return { items: await readUserCopies(authDb, params as never) };
  };
  const copies = definitions[0]?.copies?.filter(({ table }) => table === 'parties') ?? [];
  const job = compareJob(copies, { settleMs: 0 });
  const service = { db, call: call as never };
  await expect(job.run(service)).resolves.toBeUndefined();
  await db.query("update parties set name = 'Other' where id = $1", [ids[7]]);
  await expect(job.run(service)).rejects.toThrow(
    `npm run copies -- rebuild mends what differs from its source: parties: 1 different (${ids[7]})`,
  );
  await run(true);
});

test('a service without copies is a mistake of the caller', async () => {
  await expect(run(false, 'gateway')).rejects.toThrow('The service gateway keeps no copies.');
});
