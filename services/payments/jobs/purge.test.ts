import type { Database } from '../../../broker/postgres/database.ts';
import { settableClock } from '../../../broker/process/clock.ts';
import type { Purge } from '../../../broker/postgres/delete-in-batches.ts';
import { wastefulScansOf } from '../../../broker/testing/explain.ts';
import { migratedDatabase } from '../../../broker/testing/test-database.ts';
import { purgeKeys } from '../persistence/idempotency.ts';
import { purgeWebhooks } from '../persistence/processor-webhooks.ts';
import { purgeJobs } from './purge.ts';

const START = new Date('2026-01-01T00:00:00Z');
const DAY_MS = 24 * 3_600_000;
let db: Database;
let end: () => Promise<void>;
beforeAll(async () => {
  ({ db, end } = await migratedDatabase(new URL('../migrations/', import.meta.url)));
  // A row each hour, from the start on.
  const hours = `from generate_series(0, 49999) as n`;
  const at = `$1::timestamptz + n * interval '1 hour'`;
  await db.query(
    `insert into processor_webhooks (id, type, payment_id, received_at)
     select 'evt_' || n, 'payment_intent.succeeded', 'pay_' || n, ${at} ${hours}`,
    [START],
  );
  await db.query(
    `insert into idempotency_keys (caller_id, key, body_hash, response, created_at)
     select 'usr_' || n % 100, n, '', '{}', ${at} ${hours}`,
    [START],
  );
  await db.query('analyze processor_webhooks, idempotency_keys');
});
afterAll(() => end());

const oldestOf = async (column: string, table: string, order: string) =>
  (await db.query<{ id: string }>(`select ${column} as id from ${table} order by ${order} limit 1`))[0]?.id;

it.each<[string, Purge]>([
  ['idempotency keys', purgeKeys],
  ['webhooks', purgeWebhooks],
])('the purge of %s reads only the rows that it deletes', async (_what, purge) => {
  const before = new Date(START.getTime() + 10 * DAY_MS);
  expect(await wastefulScansOf(db, (plans) => purge(plans, before, 100))).toEqual([]);
});

it('keys are kept for 7 days, webhooks for 30', async () => {
  const clock = settableClock();
  clock.set(START.getTime() + 32 * DAY_MS + 1_800_000);
  for (const { run } of purgeJobs) await run({ db, clock });
  expect(await oldestOf('key', 'idempotency_keys', 'created_at')).toBe(String(25 * 24 + 1));
  expect(await oldestOf('id', 'processor_webhooks', 'received_at')).toBe(`evt_${2 * 24 + 1}`);
});
