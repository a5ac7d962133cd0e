import type { Database } from './database.ts';

/** A quoted identifier. */
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** The role of a postgres:// address. */
const roleOf = (url: string): string => decodeURIComponent(new URL(url).username);

/**
 * Lets the role of a service use the tables of their owner, after a migration: all rows of all tables, except
 * that rows of the `appendOnly` tables can only be read and added, and migrations only be read.
 * @param owner the database as its owner
 * @param url the address with the role of the service; that of the owner itself changes nothing
 * @param appendOnly names of tables
 */
export const grantAccess = async (
  owner: Database,
  url: string,
  appendOnly: readonly string[],
): Promise<void> => {
  const role = roleOf(url);
  const [me] = await owner.query<{ name: string }>('select current_user as name');
  if (me?.name === role) return;
  const tables = appendOnly.map(quoted).join(', ');
  await owner.transaction(async (tx) => {
    // Of two processes that start at once, one waits.
    await tx.query("select pg_advisory_xact_lock(hashtext('grants'))");
    await tx.query(`grant select, insert, update, delete on all tables in schema public to ${quoted(role)}`);
    await tx.query(`grant usage, select on all sequences in schema public to ${quoted(role)}`);
    if (tables !== '') await tx.query(`revoke update, delete on ${tables} from ${quoted(role)}`);
    await tx.query(`revoke insert, update, delete on migrations from ${quoted(role)}`);
  });
};
