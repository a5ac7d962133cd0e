import { Client } from 'pg';
import { throwAwayDatabase } from '../../../broker/testing/throw-away-database.ts';
import { fillSample } from './fill.ts';
import { sample } from './sample.ts';

const NOW_MS = Date.UTC(2026, 10, 30);
const say = (): void => undefined;
const TABLES = [
  ...['users', 'refresh_tokens', 'payments', 'payment_transactions', 'audit_logs', 'system_config'],
  'user_profiles',
];

let drops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const drop of drops) await drop();
  drops = [];
});

const emptyDatabase = async (): Promise<{ url: string; client: Client }> => {
  const { url, drop } = await throwAwayDatabase();
  const client = new Client({ connectionString: url });
  await client.connect();
  drops.push(async () => {
    await client.end();
    await drop();
  });
  return { url, client };
};

const contentOf = async (client: Client): Promise<Record<string, string[]>> => {
  const found: Record<string, string[]> = {};
  for (const table of TABLES) {
    const { rows } = await client.query<{ row: string }>(`select t::text as row from ${table} t order by 1`);
    found[table] = rows.map(({ row }) => row);
  }
  return found;
};

test('the same seed and time give the same rows, another seed others', async () => {
  const contents: Record<string, string[]>[] = [];
  for (const seed of [1, 1, 2]) {
    const { client } = await emptyDatabase();
    await fillSample(client, { users: 30, payments: 100, seed, nowMs: NOW_MS, say });
    contents.push(await contentOf(client));
  }
  expect(contents[0]?.['payments']).toHaveLength(100);
  expect(contents[0]?.['users']).toHaveLength(30);
  for (const table of TABLES) expect(contents[0]?.[table]?.length).toBeGreaterThan(0);
  expect(contents[1]).toEqual(contents[0]);
  expect(contents[2]?.['payments']).not.toEqual(contents[0]?.['payments']);
});

test('a sample has as many rows as it was asked for, and needs an empty database', async () => {
  const { url, client } = await emptyDatabase();
  await sample(url, { users: '20', payments: '50' }, say);
  const { rows } = await client.query<{ count: number }>('select count(*)::int as count from payments');
  expect(rows[0]?.count).toBe(50);
  await expect(sample(url, { users: '20', payments: '50' }, say)).rejects.toThrow(
    'The database is not empty',
  );
});

test.each([
  [{ payments: '5' }, 'Say how many: --users N.'],
  [{ users: '9', payments: '5' }, 'A sample has at least 10 users.'],
  [{ users: '2000000', payments: '5' }, '--users takes a whole number up to 1,000,000.'],
  [{ users: '10', payments: 'many' }, '--payments takes a whole number up to 10,000,000.'],
])('wrong numbers are refused: %j', async (given, message) => {
  await expect(sample('postgres://nowhere/none', given, say)).rejects.toThrow(message);
});
