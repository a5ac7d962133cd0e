/** A table of POC-2 whose changes are logged. */
type Logged = {
  /** Its key, and the column with the key of the row that it belongs to. */
  key: string;
  parent?: string;
  /** Columns that no other row's mapping depends on: an update of nothing else is not wide. */
  narrow?: readonly string[];
};

export const LOGGED: Readonly<Record<string, Logged>> = {
  users: { key: 'id', narrow: ['password_hash', 'email_verified', 'updated_at'] },
  refresh_tokens: { key: 'id' },
  payments: {
    key: 'id',
    narrow: [
      ...['amount', 'currency', 'status', 'type', 'description', 'metadata', 'psp_transaction_id'],
      ...['psp_status', 'failure_reason', 'completed_at', 'updated_at'],
    ],
  },
  payment_transactions: { key: 'id', parent: 'payment_id' },
  audit_logs: { key: 'id' },
  system_config: { key: 'key' },
  user_profiles: { key: 'id', parent: 'user_id' },
};

/** The key of a row of the log that stands for a whole table. */
export const ALL_ROWS = '*';

const SCHEMA = `
  create schema payloom_move;
  -- The keys of rows that were added, changed or deleted; no other values.
  create table payloom_move.changes (
    seq bigserial primary key,
    -- Of the whole transaction, not of a savepoint.
    xid xid8 not null default pg_current_xact_id(),
    table_name text not null,
    row_id text not null,
    parent_id text,
    operation text not null,
    -- Whether the mapping of other rows may depend on what has changed.
    is_wide boolean not null,
    at timestamptz not null default clock_timestamp()
  );
  create index changes_xid on payloom_move.changes (xid);
  create table payloom_move.state (
    only_row boolean primary key default true check (only_row),
    installed_xid xid8 not null default pg_current_xact_id(),
    installed_at timestamptz not null default now(),
    -- When the source stopped taking writes, and since when Payloom may have taken some.
    fenced_at timestamptz,
    opened_at timestamptz,
    -- The last transaction whose rows of the log were deleted.
    deleted_xid xid8,
    -- When it took writes again, with what Payloom had written.
    backed_out_at timestamptz
  );
  insert into payloom_move.state default values;`;

const insertOf = (table: string, { key, parent }: Logged, row: 'old' | 'new', isWide: string): string =>
  `insert into payloom_move.changes (table_name, row_id, parent_id, operation, is_wide) values
     ('${table}', ${row}.${key}::text, ${parent ? `${row}.${parent}::text` : 'null'}, tg_op, ${isWide});`;

/** The roles of POC-2 need no right to the log: the function runs as its owner. */
const functionOf = (table: string, logged: Logged): string => {
  const { key, parent, narrow = [] } = logged;
  const list = `array[${narrow.map((column) => `'${column}'`).join(', ')}]::text[]`;
  const isWide =
    narrow.length === 0 ? 'true' : `to_jsonb(old) - ${list} is distinct from to_jsonb(new) - ${list}`;
  const named = [key, ...(parent ? [parent] : [])];
  const isMoved = named.map((column) => `old.${column} is distinct from new.${column}`).join(' or ');
  return `
    create function payloom_move.log_${table}() returns trigger
      language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
    begin
      if tg_op = 'TRUNCATE' then
        insert into payloom_move.changes (table_name, row_id, operation, is_wide)
        values ('${table}', '${ALL_ROWS}', tg_op, true);
      elsif tg_op = 'INSERT' then
        ${insertOf(table, logged, 'new', 'true')}
      elsif tg_op = 'DELETE' then
        ${insertOf(table, logged, 'old', 'true')}
      else
        ${insertOf(table, logged, 'old', isWide)}
        if ${isMoved} then
          ${insertOf(table, logged, 'new', 'true')}
        end if;
      end if;
      return null;
    end $$`;
};

const TRIGGERS = ['payloom_log', 'payloom_log_all'] as const;

/** They also fire for sessions that switch triggers off (session_replication_role). */
const triggersOf = (table: string): readonly string[] => [
  `create trigger payloom_log after insert or update or delete on ${table}
     for each row execute function payloom_move.log_${table}()`,
  `create trigger payloom_log_all after truncate on ${table}
     for each statement execute function payloom_move.log_${table}()`,
  ...TRIGGERS.map((name) => `alter table ${table} enable always trigger ${name}`),
];

/** What clients of POC-2 read when they write. SQLSTATE 25006, read_only_sql_transaction. */
export const FENCED = 'POC-2 takes no more writes: its data has moved to Payloom';

/** Setting of the session that writes back: it may pass. */
export const PASS = "set payloom.back_out = 'on'";

/** Triggers that refuse writes, switched off: to switch them on and off, no reader has to be waited for. */
const FENCE: readonly string[] = [
  `create function payloom_move.refuse_write() returns trigger language plpgsql as $$
    begin
      if current_setting('payloom.back_out', true) = 'on' then return null; end if;
      raise exception '${FENCED}' using errcode = '25006';
    end $$`,
  ...Object.keys(LOGGED).flatMap((table) => [
    `create trigger payloom_fence before insert or update or delete or truncate on ${table}
       for each statement execute function payloom_move.refuse_write()`,
    `alter table ${table} disable trigger payloom_fence`,
  ]),
];

/** The statements that make the log. CREATE TRIGGER waits for those who write to its table. */
export const INSTALL: readonly string[] = [
  SCHEMA,
  ...Object.entries(LOGGED).map(([table, logged]) => functionOf(table, logged)),
  ...Object.keys(LOGGED).flatMap(triggersOf),
  ...FENCE,
];

/** With its functions the triggers go too. */
export const UNINSTALL = 'drop schema payloom_move cascade';

/** The tables without their triggers, or with disabled ones. */
export const UNLOGGED = `
  select one as table from unnest(array['${Object.keys(LOGGED).join("', '")}']) as one
  where ${TRIGGERS.length} <> (
    select count(*) from pg_trigger t join pg_proc p on p.oid = t.tgfoid
    where t.tgrelid = to_regclass(one) and t.tgenabled = 'A'
      and p.pronamespace = to_regnamespace('payloom_move')
      and t.tgname in ('${TRIGGERS.join("', '")}'))`;
