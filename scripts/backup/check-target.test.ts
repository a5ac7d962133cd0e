import { Client } from 'pg';
import { readMigrations } from '../../broker/postgres/migration-files.ts';
import { findServices } from '../../broker/process/find-services.ts';
import { throwAwayDatabase } from '../../broker/testing/throw-away-database.ts';
import type { System } from '../events/system.ts';
import { checkTarget } from './check-target.ts';
import { migrateAt } from './load-database.ts';
import type { Manifest } from './manifest.ts';

let client: Client;
let drop: () => Promise<void>;
let check: () => Promise<void>;
beforeAll(async () => {
  const definitions = await findServices({ SERVICES: 'payments' });
  const migrations = definitions[0]?.database?.migrations as URL;
  const made = await throwAwayDatabase();
  drop = made.drop;
  const place = { service: 'payments', url: made.url };
  await migrateAt(place, migrations);
  client = new Client({ connectionString: made.url });
  await client.connect();
  const names = (await readMigrations(migrations)).map(({ name }) => name);
  const inFile = { service: 'payments', migrations: names, tables: [], sequences: [] };
  const system = { model: null, definitions } as unknown as System;
  check = () => checkTarget({} as Manifest, system, [{ place, migrations, inFile }]);
});
afterAll(async () => {
  await client.end();
  await drop();
});

test('a database in which only migrations have written is empty', async () => {
  expect((await client.query('select from report_progress')).rowCount).toBe(1);
  await check();
});

test('a database with any other row is not', async () => {
  await client.query("update report_progress set until_id = 'pay_1'");
  await expect(check()).rejects.toThrow('is not empty: its table report_progress has rows');
});
