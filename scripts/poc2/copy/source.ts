import { Client } from 'pg';
import { UsageError } from '../../events/system.ts';
import { beginSnapshot, settledPart, WRITTEN_BEFORE } from './snapshot.ts';
import { checkVersion, versionOf } from './targets.ts';

/** The database of POC-2, as it was at one moment. */
export type Source = {
  /** Server and database, for people. */
  name: string;
  client: Client;
  /** PostgreSQL's snapshot, as text. */
  snapshot: string;
  close(): Promise<void>;
};

const CONNECT_MS = 5_000;
const OLDEST_SOURCE = 130_000;

/** What is read of POC-2: tables and columns. */
const SCHEMA: Readonly<Record<string, string>> = {
  users: 'id email password_hash name role email_verified created_at updated_at',
  refresh_tokens: 'id user_id token expires_at created_at',
  payments:
    'id sender_id recipient_id amount currency status type description metadata psp_transaction_id ' +
    'psp_status failure_reason completed_at created_at updated_at',
  payment_transactions: 'id payment_id status status_message psp_transaction_id metadata created_at',
  audit_logs: 'id user_id action resource_type resource_id details ip_address user_agent created_at',
  system_config: 'key value description updated_at updated_by',
  user_profiles: 'id user_id avatar_url phone address bio preferences created_at updated_at',
};

/** @throws UsageError when it has not the tables of POC-2 */
export const checkSchema = async (client: Client, name: string): Promise<void> => {
  const { rows } = await client.query<{ table: string; column: string; readable: boolean }>(
    `select c.relname as table, a.attname as column, has_table_privilege(c.oid, 'select') as readable
     from pg_attribute a join pg_class c on c.oid = a.attrelid
     where c.oid = any(array(select to_regclass(one) from unnest($1::text[]) as one))
       and a.attnum > 0 and not a.attisdropped`,
    [Object.keys(SCHEMA)],
  );
  for (const [table, columns] of Object.entries(SCHEMA)) {
    const found = rows.filter((row) => row.table === table);
    if (found.length === 0)
      throw new UsageError(`${name} is no database of POC-2: it has no table ${table}.`);
    if (!found[0]?.readable) throw new UsageError(`The login for ${name} may not read the table ${table}.`);
    const missing = columns.split(' ').find((column) => !found.some((row) => row.column === column));
    if (missing) throw new UsageError(`${name} is no database of POC-2: ${table} has no column ${missing}.`);
  }
};

/** Each payment is read with its transactions: without this index that would take days. */
const checkIndex = async (client: Client, name: string): Promise<void> => {
  const { rowCount } = await client.query(
    `select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
     where i.indrelid = 'payment_transactions'::regclass and i.indisvalid and i.indpred is null
       and a.attname = 'payment_id'`,
  );
  if (rowCount === 0)
    throw new UsageError(
      `${name} has no index on payment_transactions (payment_id): create one, nothing here writes to it.`,
    );
};

/** A connection to POC-2's database. */
export type SourceConnection = Pick<Source, 'name' | 'client' | 'close'>;

const refusal = (name: string, error: unknown): UsageError => {
  if (error instanceof UsageError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return new UsageError(`The source at ${name} cannot be used: ${message || code}.`, { cause: error });
};

/**
 * Connects to POC-2's database.
 * @throws UsageError when it cannot be used
 */
export const connectToSource = async (url: string): Promise<SourceConnection> => {
  const address = URL.parse(url);
  if (!address?.protocol.startsWith('postgres'))
    throw new UsageError('The address of the source is no postgres:// URL.');
  const name = `${address.host}${address.pathname}`;
  const client = new Client({
    connectionString: url,
    application_name: 'payloom poc2',
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_MS,
  });
  // A lost connection rejects the statement in progress; without a listener it would end the process.
  client.on('error', () => undefined);
  const close = () => client.end().catch(() => undefined);
  try {
    await client.connect();
    await client.query(
      'set statement_timeout = 0; set idle_in_transaction_session_timeout = 0; set jit = off',
    );
    await client.query("set timezone = 'UTC'; set datestyle = 'ISO'; set extra_float_digits = 1");
    checkVersion('the source', await versionOf(client), OLDEST_SOURCE);
    return { name, client, close };
  } catch (error) {
    await close();
    throw refusal(name, error);
  }
};

/**
 * Connects to POC-2's database and begins to read it as it is now. Nothing is written to it.
 * @throws UsageError when it cannot be used, or is none of POC-2
 */
export const openSource = async (url: string): Promise<Source> => {
  const { name, client, close } = await connectToSource(url);
  try {
    await checkSchema(client, name);
    await checkIndex(client, name);
    const snapshot = await beginSnapshot(client, Object.keys(SCHEMA));
    return { name, client, snapshot, close };
  } catch (error) {
    await close();
    throw refusal(name, error);
  }
};

/** Reads an open source as it is now. */
export const readAgain = async (source: Source): Promise<Source> => {
  await source.client.query('rollback');
  return { ...source, snapshot: await beginSnapshot(source.client, Object.keys(SCHEMA)) };
};

/** The numbers of rows, by table. */
export const countSource = async (
  { client }: Source,
  tables: readonly string[],
): Promise<Map<string, number>> => {
  const counts = new Map<string, number>();
  for (const table of tables) {
    const { rows } = await client.query<{ count: string }>(`select count(*) as count from ${table}`);
    counts.set(table, Number(rows[0]?.count ?? 0));
  }
  return counts;
};

/**
 * The first table of which a row was added, changed or deleted since a snapshot; null where none was. Where a
 * transaction was in progress then, all that was written since it began counts.
 * @param totals how many rows each table had
 */
export const changedSince = async (
  source: Source,
  snapshot: string,
  totals: ReadonlyMap<string, number>,
): Promise<string | null> => {
  const counts = await countSource(source, [...totals.keys()]);
  for (const [table, total] of totals) {
    const { rowCount } = await source.client.query(
      `select from ${table} where not ${WRITTEN_BEFORE} limit 1`,
      [settledPart(snapshot), source.snapshot],
    );
    if (rowCount !== 0 || counts.get(table) !== total) return table;
  }
  return null;
};
