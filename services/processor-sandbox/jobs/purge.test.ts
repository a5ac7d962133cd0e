import type { Database } from '../../../broker/postgres/database.ts';
import { settableClock } from '../../../broker/process/clock.ts';
import type { Purge } from '../../../broker/postgres/delete-in-batches.ts';
import { wastefulScansOf } from '../../../broker/testing/explain.ts';
import { migratedDatabase } from '../../../broker/testing/test-database.ts';
import { purgeKeys } from '../persistence/idempotency.ts';
import { purgeWebhookEvents } from '../persistence/webhook-events.ts';
import { purgeJobs } from './purge.ts';

const START = new Date('2026-01-01T00:00:00Z');
const DAY_MS = 24 * 3_600_000;
let db: Database;
let end: () => Promise<void>;
beforeAll(async () => {
  ({ db, end } = await migratedDatabase(new URL('../migrations/', import.meta.url)));
  // A row each hour, from the start on.
  const hours = `$1::timestamptz + n * interval '1 hour' from generate_series(0, 49999) as n`;
  await db.query(
    `insert into webhook_events (id, type, object, deliveries_left, created_at)
     select 'evt_' || n, 'charge.succeeded', '{}', 0, ${hours}`,
    [START],
  );
  await db.query(
    `insert into idempotency_keys (key, fingerprint, request_id, status, body, created_at)
     select n, '', '', 200, '', ${hours}`,
    [START],
  );
  await db.query('analyze webhook_events, idempotency_keys');
});
afterAll(() => end());

const oldestOf = async (column: string, table: string) =>
  (await db.query<{ id: string }>(`select ${column} as id from ${table} order by created_at limit 1`))[0]?.id;

it.each<[string, Purge]>([
  ['idempotency keys', purgeKeys],
  ['webhook events', purgeWebhookEvents],
])('the purge of %s reads only the rows that it deletes', async (_what, purge) => {
  const before = new Date(START.getTime() + 100 * DAY_MS);
  expect(await wastefulScansOf(db, (plans) => purge(plans, before, 100))).toEqual([]);
});

it('keys are kept for 2 days, webhook events for 30', async () => {
  const clock = settableClock();
  clock.set(START.getTime() + 100 * DAY_MS + 1_800_000);
  for (const { run } of purgeJobs) await run({ db, clock });
  expect(await oldestOf('key', 'idempotency_keys')).toBe(String(98 * 24 + 1));
  expect(await oldestOf('id', 'webhook_events')).toBe(`evt_${70 * 24 + 1}`);
});
