import { Client } from 'pg';
import { throwAwayDatabase } from '../../../broker/testing/throw-away-database.ts';
import { NO_OPTIONS } from '../mapping/mappings.ts';
import type { MappingOptions } from '../mapping/table-mapping.ts';
import { fillSample } from '../sample/fill.ts';
import { check, isFit, reportLines, type Report } from './check.ts';

const NOW_MS = Date.UTC(2026, 10, 30);
const say = (): void => undefined;

let client: Client;
let drop: () => Promise<void>;

beforeAll(async () => {
  const made = await throwAwayDatabase();
  client = new Client({ connectionString: made.url });
  drop = made.drop;
  await client.connect();
  await fillSample(client, { users: 230, payments: 600, seed: 1, nowMs: NOW_MS, say });
});
afterAll(async () => {
  await client.end();
  await drop();
});

const checked = async (options: Partial<MappingOptions> = {}): Promise<Report> => {
  await client.query('begin isolation level repeatable read read only');
  try {
    return await check(client, { options: { ...NO_OPTIONS, ...options }, nowMs: NOW_MS, say });
  } finally {
    await client.query('rollback');
  }
};

const kindsIn = ({ tables }: Report, outcome: string): string[] =>
  tables.flatMap(({ table, findings }) =>
    findings.filter((one) => one.outcome === outcome).map(({ kind }) => `${table} ${kind}`),
  );

const ALL: Partial<MappingOptions> = {
  ...{ open: 'cancel', equalEmails: 'suffix', fractions: 'round', negative: 'swap', future: 'keep' },
  ...{ noRecipient: 'deleted-user', long: 'cut', unusable: 'drop', config: 'audit' },
  currencies: { XBT: 'USD' },
};

test('a sample has everything that is refused without an option', async () => {
  const report = await checked();
  expect(isFit(report)).toBe(false);
  expect(kindsIn(report, 'refused')).toEqual(
    expect.arrayContaining([
      ...['users email_equal', 'users email_unusable', 'users time_in_future'],
      ...['payments open', 'payments amount_fraction', 'payments amount_negative', 'payments amount_zero'],
      ...['payments currency_unknown', 'payments recipient_missing', 'payments to_oneself'],
      ...['payments time_unusable', 'payments description_long', 'payments user_refused'],
      ...['user_profiles phone_unusable', 'user_profiles preferences_shape', 'user_profiles avatar_address'],
      ...['refresh_tokens token_long', 'system_config config_unknown', 'audit_logs time_in_future'],
    ]),
  );
  expect(kindsIn(report, 'mapped')).toEqual(
    expect.arrayContaining([
      ...['users password_hash_unknown', 'users name_long', 'users name_unusable'],
      ...['payments history_missing', 'payments history_inconsistent', 'payments history_order'],
      ...['payments metadata_not_text', 'payments card_number', 'payments currency_spelling'],
      ...['audit_logs action_spelling', 'audit_logs action_unknown', 'refresh_tokens token_expired'],
      ...['user_profiles notifications_boolean', 'user_profiles notifications_channels'],
    ]),
  );
});

test('with all options only what nobody can map is refused', async () => {
  const report = await checked(ALL);
  expect(new Set(kindsIn(report, 'refused'))).toEqual(
    new Set([
      ...['users email_unusable', 'user_profiles user_refused', 'refresh_tokens user_refused'],
      ...['refresh_tokens token_long', 'payments user_refused', 'payments to_oneself'],
      'payments open_unreachable',
      ...['payments time_unusable', 'payments amount_zero'],
    ]),
  );
});

test('each row is counted once, whatever is wrong with it', async () => {
  const { tables } = await checked();
  const { rows } = await client.query<{ table: string; count: number }>(
    ['users', 'user_profiles', 'refresh_tokens', 'system_config', 'payments', 'audit_logs']
      .map((table) => `select '${table}' as table, count(*)::int as count from ${table}`)
      .join(' union all '),
  );
  expect(tables.map(({ table, rows: count }) => ({ table, count }))).toEqual(rows);
  for (const { rows: all, refused } of tables) expect(refused).toBeLessThanOrEqual(all);
});

test('the report names kinds, numbers and ids, and no secret', async () => {
  const text = reportLines(await checked()).join('\n');
  expect(text).toMatch(/refused open +\d+ {2}[0-9a-f-]{36}, [0-9a-f-]{36}, [0-9a-f-]{36}, …/);
  expect(text).toMatch(
    /rows are refused: give the options that they need, .* copy --leave-out-refused copies the others\.$/,
  );
  expect(text).not.toContain('never-to-be-kept');
  expect(text).not.toContain('$2b$');
});

test('sums that cannot be shown, orphans and a missing index are remarked', async () => {
  await client.query('begin');
  try {
    await client.query(`
      alter table payment_transactions drop constraint payment_transactions_payment_id_fkey;
      drop index payment_transactions_payment_id_idx;
      insert into payment_transactions (id, payment_id, status) values ('t', 'gone', 'pending');
      alter table payments alter amount type numeric;
      update payments set amount = 90071992547410, currency = 'EUR'
        where id = (select min(id) from payments);`);
    const { remarks } = await check(client, { options: NO_OPTIONS, nowMs: NOW_MS, say });
    expect(remarks.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^payments: all of EUR add up to 9007\d+/),
      expect.stringMatching(/^payment_transactions: 1 rows refer to a row that is not there/),
      expect.stringMatching(/^payment_transactions has no index on payment_id/),
    ]);
  } finally {
    await client.query('rollback');
  }
  const { remarks } = await checked();
  expect(remarks).toEqual([]);
});

test.each([
  ['drop table user_profiles', 'This is no database of POC-2: relation "user_profiles" does not exist.'],
  [
    'alter table payments drop column failure_reason',
    'This is no database of POC-2: column p.failure_reason',
  ],
  [
    'create role reader; grant usage on schema public to reader; set local role reader',
    'The login may not read it: permission denied for table users.',
  ],
])('a database that is none of POC-2 is refused in a sentence: %s', async (sql, message) => {
  await client.query('begin');
  try {
    await client.query(sql);
    await expect(check(client, { options: NO_OPTIONS, nowMs: NOW_MS, say })).rejects.toThrow(message);
  } finally {
    await client.query('rollback');
  }
});
