import { Client } from 'pg';
import { seededRandom } from '../../seed/random.ts';

type Draw = { number: (below: number) => number; text: string };
type Statement = (draw: Draw) => string;

/** A row of a table, drawn. */
const one = (table: string, { text }: Draw, key = 'id', at = 0): string =>
  `(select ${key} from ${table} order by md5(${key} || '${text}') offset ${at} limit 1)`;

const TIME = `date_trunc('milliseconds', now()::timestamp)`;
const STATUSES = ['pending', 'processing', 'completed', 'failed', 'cancelled'];
const AMOUNTS = ['12.34', '100.00', '7.005', '-5.00', '99999.99'];
const NOTIFICATIONS = ['true', 'false', '{"email": true, "push": false, "sms": true}'];

const statusOf = ({ number }: Draw): string => STATUSES[number(STATUSES.length)] ?? 'pending';

const USERS: readonly Statement[] = [
  (
    draw,
  ) => `insert into users values ('u-${draw.text}', '${draw.text}@example.org', '$2b$10$${'a'.repeat(53)}',
    'New ${draw.text}', 'CUSTOMER', true, ${TIME}, ${TIME})`,
  (draw) => `insert into users values ('e-${draw.text}', (select upper(email) from users
    where id = ${one('users', draw)}), 'hash', 'Equal', 'VENDOR', true, ${TIME}, ${TIME})`,
  (draw) => `update users set email = (
      select upper(email) from users where id = ${one('users', draw, 'id', 1)})
    where id = ${one('users', draw)}`,
  (draw) => `update users set email = lower('${draw.text}@Example.com') where id = ${one('users', draw)}`,
  // Two addresses change places.
  (draw) => `with pair as (select id, email from users order by md5(id || '${draw.text}') limit 2), gone as (
      update users set email = 'x' || email where id in (select id from pair) returning id)
    select count(*) from gone;
    update users set email = email || '.org' where email like 'xx%'`,
  (draw) =>
    `update users set name = 'Other ${draw.text}', updated_at = ${TIME}
    where id = ${one('users', draw)}`,
  (draw) => `update users set role = 'VENDOR', password_hash = 'unknown' where id = ${one('users', draw)}`,
  (draw) => `update users set password_hash = '$2b$10$${'b'.repeat(53)}' where id = ${one('users', draw)}`,
  (draw) =>
    `update users set created_at = created_at - interval '${draw.number(90)} days'
    where id = ${one('users', draw)}`,
  (draw) => `update users set created_at = created_at + interval '20 years'
    where id = ${one('users', draw)}`,
  () =>
    `update users set created_at = created_at - interval '20 years'
    where created_at > now() + interval '15 years'`,
  (draw) => `update users set email = replace(email, '@', ' at ') where id = ${one('users', draw)}`,
  (draw) => `delete from payments where sender_id = ${one('users', draw)};
    delete from users where id = ${one('users', draw)}`,
];

const PAYMENTS: readonly Statement[] = [
  (draw) => `insert into payments (id, sender_id, recipient_id, amount, status, type, created_at, updated_at)
    values ('p-${draw.text}', ${one('users', draw)}, ${one('users', draw, 'id', 1)},
      ${AMOUNTS[draw.number(5)]},
      '${statusOf(draw)}', 'instant', ${TIME}, ${TIME});
    insert into audit_logs (id, user_id, action, resource_type, resource_id, created_at)
    values ('a-${draw.text}',
      ${one('users', draw)}, 'PAYMENT_CREATED', 'payments', 'p-${draw.text}', ${TIME})`,
  (draw) => {
    const status = statusOf(draw);
    return `update payments set status = '${status}', updated_at = ${TIME}
        where id = ${one('payments', draw)};
      insert into payment_transactions (id, payment_id, status, created_at)
      values ('t-${draw.text}', ${one('payments', draw)}, '${status}', ${TIME})`;
  },
  (draw) => `update payments set amount = ${AMOUNTS[draw.number(5)]}, metadata = '{"n": ${draw.number(9)}}'
    where id = ${one('payments', draw)}`,
  (draw) =>
    `update payments set sender_id = ${one('users', draw, 'id', 2)}
    where id = ${one('payments', draw)}`,
  // Several payments name one PaymentIntent, and no longer.
  (draw) =>
    `update payments set psp_transaction_id = 'pi_${draw.number(3)}' where id = ${one('payments', draw)}`,
  (draw) => `update payment_transactions set psp_transaction_id = 'pi_${draw.number(3)}'
    where id = ${one('payment_transactions', draw)}`,
  (draw) => `update payments set psp_transaction_id = null, status = '${statusOf(draw)}'
    where id = (select min(id) from payments where psp_transaction_id like 'pi__')`,
  (draw) => `update payments set recipient_id = null where id = ${one('payments', draw)}`,
  (draw) =>
    `update payments set created_at = created_at - interval '1 hour'
    where id = ${one('payments', draw)}`,
  (draw) =>
    `update payments set created_at = created_at + interval '20 years'
    where id = ${one('payments', draw)}`,
  (draw) => `delete from payments where id = ${one('payments', draw)}`,
  (draw) => `delete from payment_transactions where id = ${one('payment_transactions', draw)}`,
  (draw) => `update payment_transactions set payment_id = ${one('payments', draw)}
    where id = ${one('payment_transactions', draw)}`,
  (draw) => `delete from payment_transactions where payment_id = ${one('payments', draw)};
    update payments set id = 'm-${draw.text}' where id = ${one('payments', draw)}`,
];

const OTHERS: readonly Statement[] = [
  (draw) => `insert into refresh_tokens values ('k-${draw.text}', ${one('users', draw)}, 'token ${draw.text}',
    now() + interval '2000 days', ${TIME})`,
  (draw) =>
    `update refresh_tokens set token = 'turned ${draw.text}'
    where id = ${one('refresh_tokens', draw)}`,
  (draw) => `delete from refresh_tokens where id = ${one('refresh_tokens', draw)}`,
  // A token comes back under another id.
  (draw) => `with gone as (delete from refresh_tokens where id = ${one('refresh_tokens', draw)} returning *)
    insert into refresh_tokens select '0-${draw.text}', user_id, token, expires_at, created_at
    from gone`,
  (draw) => `insert into user_profiles (id, user_id, phone, preferences, created_at, updated_at)
    values ('f-${draw.text}', ${one('users', draw)}, '+49 30 1', '{"theme": "dark"}', ${TIME}, ${TIME})
    on conflict (user_id) do update set bio = '${draw.text}'`,
  (draw) => `update user_profiles set preferences = '{"notifications": ${NOTIFICATIONS[draw.number(3)]}}'
    where id = ${one('user_profiles', draw)}`,
  (draw) =>
    `update user_profiles set user_id = ${one('users', draw)}
    where id = ${one('user_profiles', draw)}`,
  (draw) => `delete from user_profiles where id = ${one('user_profiles', draw)}`,
  (draw) => `insert into system_config values ('c${draw.number(4)}', '"${draw.text}"', null, ${TIME},
    ${one('users', draw)})
    on conflict (key) do update set value = excluded.value, updated_at = excluded.updated_at`,
  (draw) => `delete from system_config where key = ${one('system_config', draw, 'key')}`,
  (draw) => `insert into audit_logs (id, user_id, action, resource_type, resource_id, details, created_at)
    values ('l-${draw.text}', ${one('users', draw)}, 'USER_UPDATED', 'users', ${one('users', draw, 'id', 1)},
      '{"a": 1}', ${TIME})`,
  (draw) =>
    `update audit_logs set resource_id = ${one('payments', draw)} where id = ${one('audit_logs', draw)}`,
  (draw) => `delete from audit_logs where id = ${one('audit_logs', draw)}`,
];

const RARE: readonly Statement[] = [
  () => 'truncate refresh_tokens',
  () => 'truncate payment_transactions',
  () => 'truncate user_profiles',
  () => 'truncate audit_logs',
];

/** Writers that change a source in several transactions at once. */
export type Writers = {
  /** Makes some changes; those that the source or another transaction does not allow are rolled back. */
  change(count: number): Promise<void>;
  /** Ends all transactions. */
  settle(): Promise<void>;
  close(): Promise<void>;
};

export const startWriters = async (url: string, seed: number): Promise<Writers> => {
  const random = seededRandom(seed);
  const number = (below: number): number => Math.floor(random() * below);
  const clients = Array.from({ length: 3 }, () => new Client({ connectionString: url }));
  for (const client of clients) {
    client.on('error', () => undefined);
    await client.connect();
    await client.query(`set lock_timeout = '20ms'; set timezone = 'UTC'`);
    await client.query('begin');
  }
  const settle = async (): Promise<void> => {
    for (const client of clients) await client.query('commit; begin');
  };
  let done = 0;
  return {
    change: async (count) => {
      for (let left = count; left > 0; left -= 1) {
        const client = clients[number(clients.length)] as Client;
        const draw: Draw = { number, text: `${seed}x${(done += 1)}` };
        const kind = number(100);
        const list = kind < 2 ? RARE : kind < 40 ? USERS : kind < 70 ? PAYMENTS : OTHERS;
        const statement = list[number(list.length)] as Statement;
        // It locks out readers until its end.
        const ends =
          list === RARE
            ? 'commit; begin'
            : (['commit; begin', 'savepoint one', 'rollback; begin', '', ''][number(5)] ?? '');
        await client
          .query('savepoint each')
          .then(() => client.query(statement(draw)))
          .then(() => client.query(ends))
          .catch(() => client.query('rollback to savepoint each'));
      }
    },
    settle,
    close: async () => {
      await settle();
      for (const client of clients) await client.end();
    },
  };
};
