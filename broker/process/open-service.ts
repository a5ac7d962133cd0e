import type { ServiceSchema } from 'moleculer';
import type { ActionCache } from '../cache/action-cache.ts';
import type { Caches } from '../cache/open-caches.ts';
import { send, type Origin } from '../calls/call.ts';
import { instancesOf } from '../calls/instances.ts';
import { SIGNAL_PREFIX, signalEvents, type SignalHandler } from '../calls/signals.ts';
import { assertions } from '../calls/envelope-text.ts';
import type { Clock } from './clock.ts';
import { ConfigError, type Env } from './config.ts';
import { AppError } from '../calls/errors.ts';
import type { Hub } from '../events/hub.ts';
import type { Subscriber } from '../events/inbox.ts';
import { createOutbox } from '../events/outbox.ts';
import type { EventSettings } from '../events/settings.ts';
import type { Worker } from './worker.ts';
import type { Check, Readiness } from './health.ts';
import { newId } from './ids.ts';
import { nodesOf } from '../operations/nodes.ts';
import { implement } from '../calls/implement.ts';
import { oldIdsOf } from '../calls/old-ids.ts';
import { recordOf } from '../calls/record-reads.ts';
import type { TimeSource } from './clock-sync.ts';
import type { Logger } from './logger.ts';
import type { Database } from '../postgres/database.ts';
import { entryTraces } from '../telemetry/tracing.ts';
import type { AnyServiceDefinition, Service } from './service.ts';

const DEFAULT_POOL_SIZE = 10;

/** What all services of a process share. */
export type Shared = Omit<Origin, 'service'> & {
  env: Env;
  log: Logger;
  checks: Map<string, Check>;
  readiness: () => Promise<Readiness>;
  caches: Caches;
  /** Gives services with a database moleculer-db's methods. */
  adapters: boolean;
  /** Synchronizes the process's clock with this source, unless it already has one. */
  synchronizeClock?: (source: TimeSource) => Promise<void>;
};

export type OpenService = {
  definition: AnyServiceDefinition;
  service: Service;
  /** The cache of the service's answers, if it has one. */
  cache: ActionCache | undefined;
  /** moleculer-db's methods and adapter, where they are wanted. */
  adapter: Partial<ServiceSchema>;
  workers: Worker[];
};

/** Loaded only with a database. */
const loadPostgres = () => import('../postgres/database.ts');

/** In production migrations run with `npm run migrate`, never at a process's start. */
const ensureMigrated = async (
  db: Database,
  { env: variable, ownerEnv, appendOnly = [], migrations: folder }: MigratedDatabase,
  { name, env, clock, log }: Migrating,
) => {
  if (env['NODE_ENV'] === 'production') {
    const { checkMigrated } = await import('../postgres/migration-files.ts');
    const newer = await checkMigrated(name, db, folder);
    if (newer.length > 0) log.info({ newer }, 'the database is newer than this program and works with it');
    return;
  }
  const { migrate } = await import('../postgres/migrations.ts');
  const ownerUrl = ownerEnv && env[ownerEnv];
  if (!ownerUrl) return void (await migrate(db, folder, clock, log));
  const { openDatabase } = await loadPostgres();
  const { grantAccess } = await import('../postgres/access.ts');
  const owner = openDatabase({ url: ownerUrl, poolSize: 1, name, log });
  try {
    await migrate(owner, folder, clock, log);
    await grantAccess(owner, env[variable] ?? '', appendOnly);
  } finally {
    await owner.close();
  }
};
type MigratedDatabase = NonNullable<AnyServiceDefinition['database']>;
type Migrating = { name: string; env: Env; clock: Clock; log: Logger };

/** Loaded only where a person can reach it: Sequelize takes 15 MB and a quarter of a second. */
const adapterOf = async (
  { database }: AnyServiceDefinition,
  db: Database,
): Promise<Partial<ServiceSchema>> =>
  database ? (await import('../postgres/adapter.ts')).adapterMixin(db, database.model) : {};

/**
 * The definition as a Moleculer service.
 * @param operations actions for the service of administrators
 */
export const toMoleculerService = async (
  { definition, service, cache, adapter }: OpenService,
  origin: Origin,
  operations: ServiceSchema['actions'],
): Promise<ServiceSchema> => {
  const extra = definition.moleculer?.(service as never) ?? {};
  return {
    ...extra,
    ...adapter,
    mixins: [...(extra.mixins ?? []), ...(adapter.mixins ?? [])],
    name: service.name,
    actions: {
      ...extra.actions,
      ...operations,
      ...implement(
        definition.contract,
        definition.actions as never,
        service,
        origin,
        cache,
        (action) => (definition.database ? recordOf(definition.contract, action, service) : null),
        definition.database ? await oldIdsOf(service.db) : null,
      ),
    },
    events: signalEvents(
      (definition.signals ?? []) as readonly SignalHandler<Service>[],
      service,
      service.log,
    ),
  };
};

const noDatabase = (name: string): Database =>
  new Proxy({} as Database, {
    get: (_target, property) => {
      throw new Error(`service ${name} has no database (${String(property)})`);
    },
  });

/** Starts the service's subscriptions. Resolves when events published from now on reach it. */
export const startSubscriptions = async (
  { definition, service, cache, workers }: OpenService,
  hub: Hub,
  { waitMs }: EventSettings,
): Promise<void> => {
  const { name, clock, log } = service;
  const subscribers = (definition.subscribers ?? []) as readonly Subscriber<Service>[];
  if (subscribers.length > 0) {
    // Events use at most half of the pool, so that requests find connections.
    const poolSize = definition.database?.poolSize?.(service.config as never) ?? DEFAULT_POOL_SIZE;
    const concurrency = Math.max(1, Math.floor(poolSize / 2));
    const afterHandled = (event: string, payload: string) => cache?.invalidate([{ event, payload }]);
    workers.push(
      await hub.subscribe({
        name,
        service,
        db: service.db,
        subscribers,
        clock,
        log,
        concurrency,
        waitMs,
        afterHandled,
      }),
    );
  }
  const broadcast = (definition.broadcast ?? []) as readonly Subscriber<Service>[];
  if (broadcast.length > 0) {
    const disconnected = () => definition.disconnected?.(service as never);
    const resubscribed = () => definition.resubscribed?.(service as never);
    workers.push(
      await hub.subscribe({
        name,
        service,
        db: null,
        subscribers: broadcast,
        clock,
        log,
        disconnected,
        resubscribed,
      }),
    );
  }
};

/** A sentence for a database that cannot be used at the start, without its password. */
const databaseProblem = (error: unknown, variable: string, address: string): Error => {
  if (!(error instanceof AppError)) return error as Error;
  const { host, pathname, username } = new URL(address);
  const why = error.cause instanceof Error ? error.cause.message : error.message;
  const database = `the database ${pathname.slice(1)} at ${host}`;
  return new ConfigError(`${variable}: ${database} cannot be used as ${username} (${why})`, { cause: error });
};

const databaseTime = async (db: Database): Promise<number> => {
  const [row] = await db.query<{ ms: number }>(
    'select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms',
  );
  return Number(row?.ms);
};

/** Opens a service: its migrated database and everything that its code receives. */
export const openService = async (
  definition: AnyServiceDefinition,
  config: never,
  shared: Shared,
): Promise<OpenService> => {
  const { broker, clock, env, checks, readiness } = shared;
  const name = definition.contract.service;
  const log = shared.log.child({ service: name });
  const origin: Origin = { ...shared, service: name };
  const { database } = definition;
  const cache = shared.caches.of(definition, broker);
  const db = database
    ? (await loadPostgres()).openDatabase({
        url: env[database.env] ?? '',
        poolSize: database.poolSize?.(config) ?? DEFAULT_POOL_SIZE,
        name,
        log,
      })
    : noDatabase(name);
  const service: Service = {
    name,
    nodeId: broker.nodeID,
    config,
    state: undefined,
    db,
    clock,
    log,
    readiness,
    outbox: createOutbox(db, clock, (events) => void cache?.invalidate(events)),
    call: async (action, params) =>
      (await send(origin, action, params, { caller: null, requestId: newId('event', clock.nowMs()) })).result,
    send: (action, params, options) => send(origin, action, params, options),
    sendSignal: (signal, payload) => broker.broadcast(SIGNAL_PREFIX + signal.name, payload as object),
    ...assertions(origin),
    beginTrace: entryTraces(() => origin.keys(definition.calls?.[0] ?? name)),
    instancesOf: (other) => instancesOf(broker, other),
    nodes: nodesOf(broker),
  };
  if (database) {
    try {
      await ensureMigrated(db, database, { name, env, clock, log });
      await (await import('../postgres/closed.ts')).waitUntilOpen(db, log);
    } catch (error) {
      throw databaseProblem(error, database.env, env[database.env] ?? '');
    }
    checks.set(`${name} database`, { run: () => db.query('select 1'), optional: false });
    await shared.synchronizeClock?.({ name: `the database of ${name}`, read: () => databaseTime(db) });
  }
  service.state = await definition.state?.(service as never);
  for (const [check, run] of definition.optionalChecks?.(service as never) ?? [])
    checks.set(check, { run, optional: true });
  const adapter = shared.adapters ? await adapterOf(definition, db) : {};
  return { definition, service, cache, adapter, workers: [] };
};
