import { Pool, type ClientBase, type PoolClient, type QueryResult } from 'pg';
import type { ModelAttributes, ModelOptions } from 'sequelize';
import { AppError } from '../calls/errors.ts';
import type { Logger } from '../process/logger.ts';
import { openSignals, type About } from './signals.ts';
import { openNotifications } from './notifications.ts';
import { probeConnection, type ConnectionProbe } from './keep-alive-probe.ts';
import { measurePool, type PoolUse } from './pool-metrics.ts';
import { withSession } from './session.ts';
import { inStatement } from './statement-span.ts';
import { inSpan } from '../telemetry/tracing.ts';

export type Queryable = {
  /** Runs one statement, prepared once per connection. Rows have SQL's column names. */
  query<Row>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
};
/** Reads whose best plan depends on their values. */
export type Plannable = Queryable & {
  /** Like `query`, but planned for these values. */
  planned: Queryable['query'];
};
export type Transaction = Plannable & {
  /** Runs `run` after the commit; never after a rollback. */
  afterCommit(run: () => void): void;
};
/** Settings of PostgreSQL, by name, for one transaction. Constants only: they are not escaped. */
export type LocalSettings = Readonly<Record<string, number>>;
export type Database = Plannable & {
  /** Runs `run` in one transaction; an error rolls it back. */
  transaction<T>(run: (tx: Transaction) => Promise<T>, settings?: LocalSettings): Promise<T>;
  /**
   * Wakes workers of this process; calls within a few milliseconds are combined. Delivery is not guaranteed.
   */
  wake(work: string): void;
  onWake(work: string, wake: () => void): void;
  /**
   * Notifies all listeners of a channel, in every process; calls within a few milliseconds are combined.
   * Delivery is not guaranteed.
   * @param about a word without spaces, such as an id
   */
  notify(channel: string, about: string): void;
  /**
   * Listens on a channel, on a connection that reconnects by itself. After each reconnection the listener is
   * called with null: anything may have changed.
   */
  listen(channel: string, listener: (about: About) => void): void;
  /** Runs `run` on a connection outside the pool, without time limits, and closes it: for migrations. */
  session<T>(run: (session: Queryable) => Promise<T>): Promise<T>;
  /** The connections of the pool: how many there may be, are open, are in use, and are waited for. */
  poolUse(): PoolUse;
  /** The service's only pool, for the moleculer-db adapter. */
  pool: Pool;
  close(): Promise<void>;
};

/** The moleculer-db adapter's model: a table for the adapter's own methods (cool paths only). */
export type AdapterModel = { name: string; define: ModelAttributes; options?: ModelOptions };

export type DatabaseOptions = { url: string; poolSize: number; name: string; log: Logger };

/** A wait for a connection and then for a lock ends before a call's time limit of 5 s: 503, not 504. */
const ACQUIRE_MS = 2_000;
const LOCK_MS = 2_500;
const IDLE_MS = 60_000;
const STATEMENT_MS = 10_000;

const UNAVAILABLE_SQLSTATE = /^(08|53|57P|55P03|57014|40001|40P01)/;
const UNAVAILABLE_CODE = /^(ECONN|ENOTFOUND|EPIPE|ETIMEDOUT|EHOSTUNREACH)/;

type DatabaseFault = { code?: string; message?: string; constraint?: string };

/** A migration has changed the columns that a prepared `select *` returns; nothing was executed. */
const isStalePlan = (error: unknown): boolean => {
  const { code, message = '' } = (error ?? {}) as DatabaseFault;
  return code === '0A000' && message.startsWith('cached plan');
};

const unavailable = (cause: unknown): AppError => new AppError('unavailable', {}, { cause });

/**
 * Maps a lost server and a lock timeout to `unavailable`, which callers may retry. Other errors pass
 * unchanged.
 */
const translate = (error: unknown): unknown => {
  const { code = '', message = '' } = (error ?? {}) as DatabaseFault;
  const lost =
    isStalePlan(error) ||
    UNAVAILABLE_SQLSTATE.test(code) ||
    UNAVAILABLE_CODE.test(code) ||
    /Connection terminated|not queryable/.test(message);
  return lost ? unavailable(error) : error;
};

const throwTranslated = (error: unknown): never => {
  throw translate(error);
};

/** Whether a statement failed on a unique constraint; `constraint` names one. */
export const isUniqueViolation = (error: unknown, constraint?: string): boolean => {
  const fault = (error ?? {}) as DatabaseFault;
  return fault.code === '23505' && (constraint === undefined || fault.constraint === constraint);
};

const statementNames = new Map<string, string>();
let namesGiven = 0;

const nameOf = (sql: string): string => {
  let name = statementNames.get(sql);
  if (!name) {
    name = `s${namesGiven++}`;
    statementNames.set(sql, name);
  }
  return name;
};

type Rows<Row> = QueryResult & { rows: Row[] };

const queryNamed = async <Row>(
  client: ClientBase,
  sql: string,
  values: readonly unknown[],
): Promise<Row[]> => {
  const run = async (name: string): Promise<Row[]> =>
    ((await client.query({ name, text: sql, values: values as unknown[] })) as Rows<Row>).rows;
  const name = nameOf(sql);
  try {
    return await run(name);
  } catch (error) {
    if (!isStalePlan(error)) throw error;
    // All connections prepare the statement again, under another name.
    if (statementNames.get(sql) === name) statementNames.delete(sql);
    return run(nameOf(sql)).catch(() => {
      // Within a transaction nothing can follow the error.
      throw error;
    });
  }
};

const queryWith =
  (client: ClientBase) =>
  <Row>(sql: string, values: readonly unknown[] = []): Promise<Row[]> =>
    inStatement(sql, () => queryNamed(client, sql, values));

/** Without a name a statement is planned for its values. */
const plannedWith =
  (client: ClientBase) =>
  <Row>(sql: string, values: readonly unknown[] = []): Promise<Row[]> =>
    inStatement(
      sql,
      async () => ((await client.query({ text: sql, values: values as unknown[] })) as Rows<Row>).rows,
    );

/** `begin` and the settings as one message, so that they cost no further round trip. */
const beginWith = (settings: LocalSettings): string =>
  ['begin', ...Object.entries(settings).map(([name, value]) => `set local ${name} = ${value}`)].join('; ');

const poolUseOf = ({ totalCount, idleCount, waitingCount }: Pool, max: number): PoolUse => ({
  max,
  open: totalCount,
  busy: totalCount - idleCount,
  waiting: waitingCount,
});

const openPool = ({ url, poolSize, name }: DatabaseOptions): Pool => {
  const pool = new Pool({
    connectionString: url,
    application_name: `payloom ${name}`,
    max: poolSize,
    idleTimeoutMillis: IDLE_MS,
    connectionTimeoutMillis: ACQUIRE_MS,
    keepAlive: true,
    statement_timeout: STATEMENT_MS,
    lock_timeout: LOCK_MS,
    idle_in_transaction_session_timeout: STATEMENT_MS,
  });
  // A connection that the server closes would end the process. The pool replaces it.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
};

/** A notification need not survive a crash of the server, so its commit does not wait for the disk. */
const NOTIFY = `select set_config('synchronous_commit', 'off', true), pg_notify(channel, payload)
  from unnest($1::text[], $2::text[]) as one (channel, payload)`;

/** Runs a function with a connection of the pool. */
const clientsOf =
  (pool: Pool, keepAlive: ConnectionProbe, waited: (sinceMs: number) => void) =>
  async <T>(use: (client: ClientBase) => Promise<T>): Promise<T> => {
    const startedMs = performance.now();
    let client: PoolClient;
    try {
      client = await pool.connect();
    } catch (error) {
      throw unavailable(error);
    } finally {
      waited(startedMs);
    }
    try {
      keepAlive.began(client);
      return await use(client);
    } catch (error) {
      throw translate(error);
    } finally {
      keepAlive.ended(client);
      client.release();
    }
  };

/** Opens the service's only pool. */
export const openDatabase = (options: DatabaseOptions): Database => {
  const pool = openPool(options);
  const keepAlive = probeConnection(options.url, options.log);
  const poolUse = () => poolUseOf(pool, options.poolSize);
  const metrics = measurePool(options.name, poolUse);
  let closed = false;

  const withClient = clientsOf(pool, keepAlive, metrics.waited);

  const transact: Database['transaction'] = async (run, settings = {}) => {
    const after: (() => void)[] = [];
    const result = await withClient(async (client) => {
      try {
        await client.query(beginWith(settings));
        const value = await run({
          query: queryWith(client),
          planned: plannedWith(client),
          afterCommit: (then) => void after.push(then),
        });
        await client.query('commit');
        return value;
      } catch (error) {
        // A lost connection has rolled back already.
        await client.query('rollback').catch(() => undefined);
        throw error;
      }
    });
    for (const then of after) then();
    return result;
  };

  const notifications = openNotifications(options, async (all) => {
    const columns = [all.map(({ channel }) => channel), all.map(({ payload }) => payload)];
    await withClient((client) => queryWith(client)(NOTIFY, columns));
  });
  const signals = openSignals();

  return {
    pool,
    poolUse,
    query: (sql, values) => withClient((client) => queryWith(client)(sql, values)),
    planned: (sql, values) => withClient((client) => plannedWith(client)(sql, values)),
    transaction: (run, settings) => inSpan('transaction', {}, () => transact(run, settings)),
    wake: signals.send,
    onWake: signals.subscribe,
    notify: notifications.notify,
    listen: notifications.listen,
    session: (run) => withSession(options, run).catch(throwTranslated),
    close: async () => {
      if (closed) return;
      closed = true;
      metrics.end();
      keepAlive.stop();
      await notifications.close();
      await pool.end();
    },
  };
};
