import { openTestDatabase } from '../../../broker/testing/test-database.ts';

const ALL = new URL('../migrations/', import.meta.url);

const before = `
  insert into users (id, email, name, role, password_hash, created_at, updated_at)
    values ('usr_1', 'ada@example.com', 'Ada', 'VENDOR', 'x', '2026-01-01', '2026-01-01');
  insert into sessions (id, user_id, started_at, ended_at, end_reason) values
    ('ses_used', 'usr_1', '2026-01-01', null, null),
    ('ses_ended', 'usr_1', '2026-01-02', '2026-01-03', 'signed_out');
  insert into refresh_tokens (hash, session_id, issued_at, expires_at, used_at) values
    (sha256('1'), 'ses_used', '2026-01-01', '2026-01-31', '2026-01-05'),
    (sha256('2'), 'ses_used', '2026-01-05', '2026-02-04', null)`;

it('older sessions keep their times, and get last use and expiry from their tokens', async () => {
  const { db, migrate, migrateAsBefore, end } = await openTestDatabase();
  await migrateAsBefore([
    new URL('../../../broker/postgres/migrations/0000-broker.sql', import.meta.url),
    new URL('0001-users-sessions-keys.sql', ALL),
  ]);
  for (const statement of before.split(';\n')) await db.query(statement);
  await migrate(ALL);
  const day = (column: string) => `to_char(${column} at time zone 'UTC', 'MM-DD') as ${column}`;
  const sessions = await db.query(
    `select id, device, kind, address, method, ${day('last_seen_at')}, ${day('expires_at')}
     from sessions order by id desc`,
  );
  const unknown = { device: 'Unknown device', kind: 'program', address: null, method: 'password' };
  expect(sessions).toEqual([
    { id: 'ses_used', ...unknown, last_seen_at: '01-05', expires_at: '02-04' },
    { id: 'ses_ended', ...unknown, last_seen_at: '01-02', expires_at: '02-01' },
  ]);
  expect(await db.query('select access_version, access_changed_at from users')).toEqual([
    { access_version: 1, access_changed_at: null },
  ]);
  expect(await db.query('select search_text from users')).toEqual([{ search_text: 'ada ada@example.com' }]);
  // During an upgrade, processes of the previous version still insert sessions.
  await db.query(`insert into sessions (id, user_id, started_at) values ('ses_new', 'usr_1', now())`);
  await end();
});

it('processes of the version before go on with users, whom they see as having a password', async () => {
  const { db, migrate, end } = await openTestDatabase();
  await migrate(ALL);
  await db.query(
    `insert into users (id, email, name, role, status, password_hash, version, created_at, updated_at)
     values ('usr_1', 'ada@example.com', 'Ada', 'VENDOR', 'active', 'x', 1, now(), now())`,
  );
  await db.query(`update users set password_hash = 'y', version = version + 1 where id = 'usr_1'`);
  expect(await db.query('select password_state, search_text from users')).toEqual([
    { password_state: 'set', search_text: 'ada ada@example.com' },
  ]);
  await end();
});
