import type { Database } from '../../../broker/postgres/database.ts';
import type { Purge } from '../../../broker/postgres/delete-in-batches.ts';
import { wastefulScansOf } from '../../../broker/testing/explain.ts';
import { migratedDatabase } from '../../../broker/testing/test-database.ts';
import { purgeDevices } from '../persistence/devices/known-devices.ts';
import { purgeFailures } from '../persistence/lockouts/sign-in-failures.ts';
import { purgeSessions } from '../persistence/sessions/sessions.ts';

const START = new Date('2026-01-01T00:00:00Z');
let db: Database;
let end: () => Promise<void>;
beforeAll(async () => {
  ({ db, end } = await migratedDatabase(new URL('../migrations/', import.meta.url)));
  // A row each minute, from the start on.
  const [at, minutes] = [`$1::timestamptz + n * interval '1 minute'`, 'from generate_series(0, 49999) as n'];
  await db.query(
    `insert into users (id, email, name, role, password_hash, created_at, updated_at)
     values ('usr_1', 'ada@example.com', 'Ada', 'VENDOR', 'x', $1, $1)`,
    [START],
  );
  await db.query(
    `insert into sessions (id, user_id, started_at, last_seen_at, expires_at, ended_at, end_reason)
     select 'ses_' || n, 'usr_1', ${at}, ${at}, ${at} + interval '1 hour',
       case when n % 2 = 0 then ${at} end, case when n % 2 = 0 then 'signed_out' end ${minutes}`,
    [START],
  );
  await db.query(
    `insert into refresh_tokens (hash, session_id, issued_at, expires_at)
     select sha256(n::text::bytea), 'ses_' || n, ${at}, ${at} ${minutes}`,
    [START],
  );
  await db.query(
    `insert into known_devices (hash, user_id, created_at, last_used_at)
     select sha256(n::text::bytea), 'usr_1', ${at}, ${at} ${minutes}`,
    [START],
  );
  await db.query(
    `insert into sign_in_failures (id, kind, subject, failures, last_failure_at)
     select n, 'address', n, 1, ${at} ${minutes}`,
    [START],
  );
  await db.query('analyze sessions, refresh_tokens, known_devices, sign_in_failures');
});
afterAll(() => end());

it.each<[string, Purge]>([
  ['sessions', purgeSessions],
  ['known devices', purgeDevices],
  ['sign-in failures', purgeFailures],
])('the purge of %s reads only the rows that it deletes', async (_what, purge) => {
  const before = new Date(START.getTime() + 10 * 24 * 3_600_000);
  expect(await wastefulScansOf(db, (plans) => purge(plans, before, 100))).toEqual([]);
});
