import type { Client } from 'pg';
import { addressOf, suffixed } from '../mapping/people.ts';
import type { MappingOptions } from '../mapping/table-mapping.ts';
import { timeColumn } from '../mapping/times.ts';

/** Addresses of which the one form is not just that in small letters. */
const OTHERS = `select id, email from users where email collate "C" !~ '^[A-Za-z0-9.+_-]+@[A-Za-z0-9.-]+$'`;

/** All users with the one form of their addresses; that of the others is given: `$1` by id, `$2`. */
const ADDRESSES = `
  select u.id, u.created_at, u.email, coalesce(o.address, lower(u.email collate "C")) as address
  from users u left join unnest($1::text[], $2::text[]) as o (id, address) on o.id = u.id`;

const EQUAL = `
  select id, email, ${timeColumn('created_at', 'created_at')} from (
    select id, email, created_at, row_number() over (partition by address order by created_at, id) as place
    from (${ADDRESSES}) addressed
  ) placed where place > 1`;

/** Users whose address is one of `$3`. */
const TAKEN = `
  select id, email, ${timeColumn('created_at', 'created_at')} from (${ADDRESSES}) addressed
  where address = any($3::text[])`;

type Found = { id: string; email: string; created_at: string | null };

/**
 * Ids of users whose e-mail address an older user has too, by the one form of both; with suffixes, also of
 * those whose address another one gets by its suffix.
 */
export const readEqualEmails = async (
  client: Client,
  { equalEmails }: Pick<MappingOptions, 'equalEmails'>,
): Promise<Set<string>> => {
  const { rows: others } = await client.query<{ id: string; email: string }>(OTHERS);
  const values = [others.map(({ id }) => id), others.map(({ email }) => addressOf(email))];
  let { rows } = await client.query<Found>(EQUAL, values);
  const found = new Set(rows.map(({ id }) => id));
  while (equalEmails === 'suffix' && rows.length > 0) {
    const taken = await client.query<Found>(TAKEN, [...values, rows.map(suffixed)]);
    rows = taken.rows.filter(({ id }) => !found.has(id));
    for (const { id } of rows) found.add(id);
  }
  return found;
};
