// What is read of Payloom: rows that services wrote since they were let in, each table's as its function
// takes them. Columns are text, whole numbers of two bytes or four, booleans and JSON.
import { changedIn } from './changed-rows.ts';

/** A column `timestamptz`, in a session in UTC, as ISO text; null where it is infinite. */
const isoText = (column: string): string => `to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const timeColumn = (column: string, name: string): string => `${isoText(column)} as ${name}`;

/** @param hasHashes whether auth keeps hashes for POC-2 */
export const usersSelect = (snapshot: string, hasHashes: boolean): string => {
  const hashes = hasHashes ? 'poc2_hashes' : '(select null as user_id, null as hash) as none';
  const changed = hasHashes ? `union select user_id from ${changedIn('poc2_hashes', snapshot)} as h` : '';
  return `select u.id, u.email, u.name, u.role, u.status, u.password_state, h.hash,
      ${timeColumn('u.created_at', 'created_at')}, ${timeColumn('u.updated_at', 'updated_at')}
    from users u left join (select user_id, hash from ${hashes}) as h on h.user_id = u.id
    where u.id in (select id from ${changedIn('users', snapshot)} as u ${changed}) order by u.id`;
};

export const paymentsSelect = (snapshot: string): string =>
  `select p.id, p.kind, p.payer_id, p.payee_id, p.amount_minor::text as amount_minor, p.currency, p.status,
     p.description, p.metadata::text as metadata, p.failure_code, c.intent_id,
     ${timeColumn('p.created_at', 'created_at')}, ${timeColumn('p.updated_at', 'updated_at')},
     coalesce((select json_agg(json_build_object('version', h.version, 'status', h.status, 'reason', h.reason,
         'at', ${isoText('h.at')}) order by h.version)
       from payment_history h where h.payment_id = p.id), '[]') as history,
     (select json_agg(json_build_array(s.movement, s.account, s.owner_id, s.currency, s.amount_minor,
         ${isoText('s.at')}) order by s.movement, s.account)::text
       from postings s where s.payment_id = p.id) as postings
   from ${changedIn('payments', snapshot)} as p
   left join processor_operations c on c.id = p.id || ':charge' order by p.id`;

export const entriesSelect = (snapshot: string): string =>
  `select id, ${timeColumn('at', 'at')}, action, actor_id, target_type, target_id, address, device,
     session_id, request_id, trace_id, reason, before, after
   from ${changedIn('entries', snapshot)} as e order by id`;

export const settingsSelect = (snapshot: string): string =>
  `select s.key as id, s.value::text as value, c.changed_by, ${timeColumn('c.at', 'at')}
   from ${changedIn('settings', snapshot)} as s
   left join setting_changes c on c.key = s.key and c.version = s.version order by s.key`;

const DETAILS = ['phone', 'address_line1', 'address_line2', 'postal_code', 'city', 'country', 'biography'];
const PREFERENCES = [
  ...['theme', 'language', 'time_zone', 'currency', 'notify_payments_received', 'notify_payments_sent'],
  'notify_sign_ins',
];

const objectOf = (alias: string, columns: readonly string[]): string => {
  const pairs = columns.map((column) => `'${column}', ${alias}.${column}`).join(', ');
  const at = `'updated_at', ${isoText(`${alias}.updated_at`)}`;
  return `case when ${alias}.user_id is not null then json_build_object(${pairs}, ${at}) end`;
};

/** By the ids of users. */
export const profilesSelect = (snapshot: string): string =>
  `select c.user_id as id, ${objectOf('d', DETAILS)} as details, ${objectOf('p', PREFERENCES)} as preferences
   from (select user_id from ${changedIn('details', snapshot)} as d
         union select user_id from ${changedIn('preferences', snapshot)} as p) as c
   left join details d on d.user_id = c.user_id left join preferences p on p.user_id = c.user_id
   order by c.user_id`;

/** POC-2's rows whose counterpart is gone, as `id`. */
export const goneSelect = (table: string): string =>
  `select o.old_id as id from poc2_ids o left join ${table} t on t.id = o.new_id where t.id is null`;
