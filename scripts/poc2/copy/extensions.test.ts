import { Client } from 'pg';
import { throwAwayDatabase } from '../../../broker/testing/throw-away-database.ts';
import { ensureExtensions } from './extensions.ts';
import type { Target } from './targets.ts';

const role = `mover_${process.pid}`;
let owner: Client;
let mover: Client;
let name: string;
let drop: () => Promise<void>;
beforeAll(async () => {
  const made = await throwAwayDatabase();
  drop = made.drop;
  const url = new URL(made.url);
  name = url.pathname.slice(1);
  owner = new Client({ connectionString: made.url });
  await owner.connect();
  await owner.query(`drop extension pg_trgm; create role ${role} login password 'mover'`);
  url.username = role;
  url.password = 'mover';
  mover = new Client({ connectionString: url.href });
  await mover.connect();
});
afterAll(async () => {
  await mover?.end();
  await owner?.query(`drop owned by ${role}; drop role ${role}`);
  await owner?.end();
  await drop?.();
});

const ensure = () => ensureExtensions([{ database: 'payments', client: mover } as unknown as Target]);
const extensions = async () =>
  (await owner.query("select from pg_extension where extname = 'pg_trgm'")).rowCount;

test('a login that may not create the extension is shown what to do; another one creates it', async () => {
  await expect(ensure()).rejects.toThrow(
    `The database ${name} of payments lacks the extension pg_trgm, and the login ${role} may not create ` +
      `it. As a superuser: psql -d ${name} -c "create extension pg_trgm with schema public". ` +
      'Then run this again.',
  );
  await owner.query(`grant create on database ${name} to ${role}; grant create on schema public to ${role}`);
  await ensure();
  expect(await extensions()).toBe(1);
  await ensure();
});
