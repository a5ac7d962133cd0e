import type { ServiceSchema } from 'moleculer';
import type { ActionCache } from './cache/action-cache.ts';
import type { Caches } from './cache/open-caches.ts';
import { send, type Origin } from './call.ts';
import { placesOf } from './places.ts';
import { vouching } from './vouch.ts';
import type { Clock } from './clock.ts';
import { ConfigError, type Env } from './config.ts';
import { AppError } from './errors.ts';
import type { Hub } from './events/hub.ts';
import type { Listener } from './events/inbox.ts';
import { createOutbox } from './events/outbox.ts';
import type { Worker } from './events/worker.ts';
import type { Readiness } from './health.ts';
import { newId } from './ids.ts';
import { implement } from './implement.ts';
import type { TimeSource } from './keep-time.ts';
import type { Logger } from './logger.ts';
import type { Database } from './postgres/database.ts';
import type { AnyRoomDefinition, Room } from './room.ts';

const DEFAULT_POOL_SIZE = 10;

/** What all rooms of a process share. */
export type Shared = Omit<Origin, 'room'> & {
  env: Env;
  log: Logger;
  checks: Map<string, () => Promise<unknown>>;
  readiness: () => Promise<Readiness>;
  caches: Caches;
  /** Keeps the process's clock by this one, unless it is kept already. */
  keepTime?: (source: TimeSource) => Promise<void>;
};

export type OpenRoom = {
  definition: AnyRoomDefinition;
  room: Room;
  /** Where answers are kept; none where nothing is. */
  cache: ActionCache | undefined;
  workers: Worker[];
};

/** Loaded by those who have a database: the driver and its pool take 20 MB and a tenth of a second. */
const loadPostgres = async () => ({
  ...(await import('./postgres/database.ts')),
  ...(await import('./postgres/adapter.ts')),
});

/** In production `npm run migrate` is a step of its own: no process changes a database by starting. */
const makeSureOfMigrations = async (db: Database, folder: URL, { name, env, clock, log }: Migrating) => {
  if (env['NODE_ENV'] === 'production') {
    const { checkMigrated } = await import('./postgres/migration-files.ts');
    return checkMigrated(name, db, folder);
  }
  const { migrate } = await import('./postgres/migrations.ts');
  return migrate(db, folder, clock, log);
};
type Migrating = { name: string; env: Env; clock: Clock; log: Logger };

/** A room as a Moleculer service. */
export const serviceOf = async (
  { definition, room, cache }: OpenRoom,
  origin: Origin,
): Promise<ServiceSchema> => {
  const extra = definition.service?.(room as never) ?? {};
  const hints = Object.entries(definition.hints ?? {}).map(([name, heard]) => [
    `hint.${name}`,
    { handler: (ctx: { params: unknown }) => heard(room as never, ctx.params as never) },
  ]);
  const adapter: Partial<ServiceSchema> = definition.database
    ? (await loadPostgres()).adapterMixin(room.db, definition.database.model)
    : {};
  return {
    ...extra,
    ...adapter,
    mixins: [...(extra.mixins ?? []), ...(adapter.mixins ?? [])],
    name: room.name,
    actions: {
      ...extra.actions,
      ...implement(definition.contract, definition.actions as never, room, origin, cache),
    },
    events: Object.fromEntries(hints),
  };
};

const noDatabase = (name: string): Database =>
  new Proxy({} as Database, {
    get: (_target, property) => {
      throw new Error(`room ${name} has no database (${String(property)})`);
    },
  });

/** Lets a room hear the facts that it listens to; resolves when what is told from now on reaches it. */
export const subscribe = async ({ definition, room, cache, workers }: OpenRoom, hub: Hub): Promise<void> => {
  const { name, clock, log } = room;
  const listeners = (definition.listeners ?? []) as readonly Listener<Room>[];
  if (listeners.length > 0) {
    // Facts leave half of the pool to requests.
    const poolSize = definition.database?.poolSize?.(room.config as never) ?? DEFAULT_POOL_SIZE;
    const concurrency = Math.max(1, Math.floor(poolSize / 2));
    const afterHandled = (fact: string) => void cache?.heard(fact);
    workers.push(
      await hub.hear({ name, room, db: room.db, listeners, clock, log, concurrency, afterHandled }),
    );
  }
  const everywhere = (definition.everywhere ?? []) as readonly Listener<Room>[];
  if (everywhere.length > 0) {
    const lost = () => definition.deaf?.(room as never);
    const missed = () => definition.hearsAgain?.(room as never);
    workers.push(await hub.hear({ name, room, db: null, listeners: everywhere, clock, log, lost, missed }));
  }
};

/** Why a database could not be used at the start, in a sentence without its password. */
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

/** Opens a room: its database, migrated, and everything that its code is given. */
export const openRoom = async (
  definition: AnyRoomDefinition,
  config: never,
  shared: Shared,
): Promise<OpenRoom> => {
  const { broker, clock, env, checks, readiness } = shared;
  const name = definition.contract.room;
  const log = shared.log.child({ room: name });
  const origin: Origin = { ...shared, room: name };
  const { database } = definition;
  const db = database
    ? (await loadPostgres()).openDatabase({
        url: env[database.env] ?? '',
        poolSize: database.poolSize?.(config) ?? DEFAULT_POOL_SIZE,
        name,
        log,
      })
    : noDatabase(name);
  const room: Room = {
    name,
    config,
    state: undefined,
    db,
    clock,
    log,
    readiness,
    outbox: createOutbox(db, clock),
    call: async (action, params) =>
      (await send(origin, action, params, { caller: null, requestId: newId('fact', clock.nowMs()) })).result,
    send: (action, params, options) => send(origin, action, params, options),
    announce: (hint, payload) => broker.broadcast(`hint.${hint}`, payload),
    ...vouching(origin),
    placesOf: (other) => placesOf(broker, other),
  };
  if (database) {
    try {
      await makeSureOfMigrations(db, database.migrations, { name, env, clock, log });
    } catch (error) {
      throw databaseProblem(error, database.env, env[database.env] ?? '');
    }
    checks.set(`${name} database`, () => db.query('select 1'));
    await shared.keepTime?.({ name: `the database of ${name}`, ask: () => databaseTime(db) });
  }
  room.state = await definition.state?.(room as never);
  return { definition, room, cache: shared.caches.of(definition, broker), workers: [] };
};
