import { Client } from 'pg';
import { findServices } from '../../broker/process/find-services.ts';
import { openTestDatabase, type TestDatabase } from '../../broker/testing/test-database.ts';
import { migrateAt } from './load-database.ts';
import { placesOf } from './systems.ts';

const ROLE = `restore_login_${process.pid}`;
let made: TestDatabase;
beforeAll(async () => {
  made = await openTestDatabase();
  await made.db.query(`create role ${ROLE} login password 'x'`);
});
afterAll(async () => {
  await made.db.query(`drop owned by ${ROLE}`);
  await made.db.query(`drop role ${ROLE}`);
  await made.end();
});

test('a restored database lets its service use the tables, where another role owns them', async () => {
  const definitions = await findServices({ SERVICES: 'admin' });
  const url = Object.assign(new URL(made.url), { username: ROLE, password: 'x' }).href;
  const [place] = placesOf(definitions, { ADMIN_DATABASE_URL: url, ADMIN_OWNER_DATABASE_URL: made.url });
  const { migrations, appendOnly = [] } = definitions[0]?.database ?? {};
  await migrateAt(place!, migrations as URL);
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('select from published_events');
  await expect(client.query(`delete from ${appendOnly[0]}`)).rejects.toThrow('permission denied');
  await client.end();
});
