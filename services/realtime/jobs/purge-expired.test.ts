import type { Database } from '../../../broker/postgres/database.ts';
import type { Purge } from '../../../broker/postgres/delete-in-batches.ts';
import { wastefulScansOf } from '../../../broker/testing/explain.ts';
import { migratedDatabase } from '../../../broker/testing/test-database.ts';
import { purgeMessages } from '../persistence/messages.ts';
import { purgeApprovals, purgeNotifications, purgeReadNotifications } from '../persistence/notifications.ts';
import { purgeTickets } from '../persistence/tickets.ts';

const START = new Date('2026-01-01T00:00:00Z');
let db: Database;
let end: () => Promise<void>;
beforeAll(async () => {
  ({ db, end } = await migratedDatabase(new URL('../migrations/', import.meta.url)));
  // A row each minute, from the start on.
  const [at, minutes] = [`$1::timestamptz + n * interval '1 minute'`, 'from generate_series(0, 49999) as n'];
  await db.query(
    `insert into messages (user_id, seq, name, payload, at)
     select 'usr_' || n % 100, n, 'x', '{}', ${at} ${minutes}`,
    [START],
  );
  await db.query(
    `insert into notifications (id, user_id, content, created_at, read_at)
     select 'ntf_' || n, 'usr_' || n % 100, '{}', ${at}, case when n % 10 = 0 then ${at} end ${minutes}`,
    [START],
  );
  await db.query(
    `insert into tickets (hash, user_id, session_id, role, expires_at)
     select n, 'usr_' || n % 100, 'ses_1', 'CUSTOMER', ${at} ${minutes}`,
    [START],
  );
  await db.query(`insert into approvals (id, decided, at) select 'apr_' || n, true, ${at} ${minutes}`, [
    START,
  ]);
  await db.query('analyze messages, notifications, tickets, approvals');
});
afterAll(() => end());

const scansOf = (purge: Purge) => {
  const before = new Date(START.getTime() + 10 * 24 * 3_600_000);
  return wastefulScansOf(db, (plans) => purge(plans, before, 100));
};

it.each<[string, Purge]>([
  ['messages', purgeMessages],
  ['notifications', purgeNotifications],
  ['tickets', purgeTickets],
  ['approvals', purgeApprovals],
])('the purge of %s reads only the rows that it deletes', async (_what, purge) => {
  expect(await scansOf(purge)).toEqual([]);
});

it('the purge of read notifications reads no unread ones', async () => {
  const scans = ['Index Scan on notifications_read_age: (read_at IS NOT NULL)'];
  expect(await scansOf(purgeReadNotifications)).toEqual(scans);
});
