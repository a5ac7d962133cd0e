import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import DbService from 'moleculer-db';
import SqlAdapter from 'moleculer-db-adapter-sequelize';
import { ServiceBroker, type BrokerOptions, type ServiceSchema } from 'moleculer';
import { DataTypes } from 'sequelize';
import { send, type Origin } from './call.ts';
import type { RoomKeys } from './caller.ts';
import type { Clock } from './clock.ts';
import { ConfigError, postgresUrl, readConfig, type Env } from './config.ts';
import { inProcessHub, type Hub } from './events/hub.ts';
import { acceptInto, startInbox, type Listener } from './events/inbox.ts';
import { createOutbox, startRelay } from './events/outbox.ts';
import type { Worker } from './events/worker.ts';
import { runChecks, type Readiness } from './health.ts';
import { implement } from './implement.ts';
import { newId } from './ids.ts';
import { moleculerLogger, type Logger } from './logger.ts';
import { openDatabase, type AdapterModel, type Database } from './postgres/database.ts';
import { migrate } from './postgres/migrations.ts';
import type { AnyRoomDefinition, Room } from './room.ts';

export type RunOptions = {
  definitions: readonly AnyRoomDefinition[];
  env: Env;
  clock: Clock;
  log: Logger;
  /** What `moleculer.config.ts` says. */
  broker?: BrokerOptions;
  /** False where not every hearer of a fact runs in this process: facts then stay in the outbox. */
  relay?: boolean;
};

export type RunningRooms = {
  broker: ServiceBroker;
  origin: Origin;
  rooms: ReadonlyMap<string, Room>;
  readiness(): Promise<Readiness>;
  stop(): Promise<void>;
};

type OpenRoom = { definition: AnyRoomDefinition; room: Room; workers: Worker[] };

/**
 * Keys by room from ROOM_KEY_<ROOM>; without them one that lives and dies with this process, where all rooms
 * are.
 */
const readKeys = (env: Env): RoomKeys => {
  const own = createSecretKey(randomBytes(32));
  const known = new Map<string, KeyObject>();
  return (room) => {
    let key = known.get(room);
    if (!key) {
      const text = env[`ROOM_KEY_${room.toUpperCase().replaceAll('-', '_')}`];
      key = text ? createSecretKey(text, 'base64url') : own;
      known.set(room, key);
    }
    return key;
  };
};

const readConfigs = (definitions: readonly AnyRoomDefinition[], env: Env): Map<string, unknown> => {
  const read = definitions.map((definition) => ({ definition, ...readConfig(definition.config, env) }));
  const problems = new Set(read.flatMap((one) => one.problems as string[]));
  for (const { database } of definitions) {
    if (!database) continue;
    const { error } = postgresUrl.safeParse(env[database.env]);
    if (error) problems.add(`${database.env} ${error.issues[0]?.message}`);
  }
  if (problems.size > 0) throw new ConfigError([...problems].join('\n'));
  return new Map(read.map((one) => [one.definition.contract.room, one.config]));
};

/** A room that has no cool path of its own still has an adapter, because the adapter owns the pool. */
const OUTBOX_MODEL: AdapterModel = {
  name: 'outbox',
  define: { seq: { type: DataTypes.BIGINT, primaryKey: true }, fact: DataTypes.TEXT },
  options: { timestamps: false, freezeTableName: true },
};

/**
 * The moleculer-db mixin over the room's own Sequelize, without the CRUD actions that it would publish: it
 * gives the service its `adapter`. The database stays ours to close, after the workers that use it have
 * ended.
 */
const adapterMixin = (db: Database, model: AdapterModel = OUTBOX_MODEL) => {
  const { actions: _published, stopped: _closes, ...mixin } = DbService as ServiceSchema;
  // Its types know one argument; the fourth is where it looks for `noSync`, without which it would run DDL.
  const Adapter = SqlAdapter as unknown as new (...args: unknown[]) => unknown;
  const adapter = new Adapter(db.sequelize, undefined, undefined, { noSync: true });
  return {
    mixins: [mixin as ServiceSchema],
    // Set after merging, which would clone the adapter together with its pool.
    merged: (schema: ServiceSchema) => {
      Object.assign(schema, { adapter, model });
    },
  };
};

const serviceOf = ({ definition, room }: OpenRoom, origin: Origin): ServiceSchema => {
  const extra = definition.service?.(room as never) ?? {};
  const hints = Object.entries(definition.hints ?? {}).map(([name, heard]) => [
    `hint.${name}`,
    { handler: (ctx: { params: unknown }) => heard(room as never, ctx.params as never) },
  ]);
  const adapter: Partial<ServiceSchema> = definition.database
    ? adapterMixin(room.db, definition.database.model)
    : {};
  return {
    ...extra,
    ...adapter,
    mixins: [...(extra.mixins ?? []), ...(adapter.mixins ?? [])],
    name: room.name,
    actions: {
      ...extra.actions,
      ...implement(definition.contract, definition.actions as never, room, origin),
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

const subscribe = ({ definition, room, workers }: OpenRoom, hub: Hub) => {
  const listeners = (definition.listeners ?? []) as readonly Listener<Room>[];
  if (listeners.length === 0) return;
  const facts = listeners.map((listener) => listener.fact.name);
  if (definition.database) {
    workers.push(startInbox(room.name, room, room.db, listeners, room.clock, room.log));
    return hub.subscribe(room.name, facts, acceptInto(room.db, room.clock));
  }
  // Without a database there is nothing to keep a fact in: such a room reads its state at start and hears
  // what follows.
  hub.subscribe(room.name, facts, async (messages) => {
    for (const message of messages) {
      const listener = listeners.find((one) => one.fact.name === message.fact);
      await listener?.handle(room, {
        ...message,
        payload: listener.fact.payload.parse(JSON.parse(message.payload)),
        tx: undefined as never,
      });
    }
  });
};

/** What all rooms of a process share. */
type Shared = Omit<Origin, 'room'> & {
  env: Env;
  log: Logger;
  checks: Map<string, () => Promise<unknown>>;
  readiness: () => Promise<Readiness>;
};

/** Opens a room: its database, migrated, and everything that its code is given. */
const openRoom = async (definition: AnyRoomDefinition, config: never, shared: Shared): Promise<OpenRoom> => {
  const { broker, clock, env, checks, readiness } = shared;
  const name = definition.contract.room;
  const log = shared.log.child({ room: name });
  const origin: Origin = { ...shared, room: name };
  const { database } = definition;
  const db = database
    ? openDatabase({ url: env[database.env] ?? '', poolSize: database.poolSize?.(config) ?? 10, name, log })
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
  };
  if (database) {
    await migrate(db, database.migrations, clock, log);
    checks.set(`${name} database`, () => db.query('select 1'));
  }
  room.state = await definition.state?.(room as never);
  return { definition, room, workers: [] };
};

/**
 * Runs rooms in this process: reads their configuration, migrates their databases, serves their actions,
 * starts their relays and inboxes. Resolves when all of them are ready.
 * @throws ConfigError naming every variable that is missing or wrong, in all rooms at once
 */
export const runRooms = async (options: RunOptions): Promise<RunningRooms> => {
  const { definitions, env, clock, log, broker: settings, relay = true } = options;
  const configs = readConfigs(definitions, env);
  const broker = new ServiceBroker({ ...settings, logger: moleculerLogger(log) });
  const keys = readKeys(env);
  const hub = inProcessHub();
  const checks = new Map<string, () => Promise<unknown>>();
  let ready = false;
  checks.set('started', async () => {
    if (!ready) throw new Error('still starting');
  });
  const readiness = () => runChecks(checks);

  const shared: Shared = { broker, keys, clock, env, log, checks, readiness };
  const opened = await Promise.all(
    definitions.map((definition) =>
      openRoom(definition, configs.get(definition.contract.room) as never, shared),
    ),
  );
  for (const one of opened)
    broker.createService(serviceOf(one, { broker, keys, clock, room: one.room.name }));
  await broker.start();
  for (const one of opened) subscribe(one, hub);
  for (const one of opened) {
    if (relay && one.definition.database)
      one.workers.push(startRelay(one.room.name, one.room.db, hub, one.room.log));
  }
  for (const { definition, room } of opened) await definition.started?.(room as never);
  ready = true;

  const stop = async () => {
    ready = false;
    await broker.stop();
    for (const { definition, room } of opened) await definition.stopped?.(room as never);
    await Promise.all(opened.flatMap(({ workers }) => workers.map((worker) => worker.stop())));
    for (const { definition, room } of opened) if (definition.database) await room.db.close();
  };
  const origin: Origin = { broker, keys, clock, room: 'rooms' };
  return { broker, origin, rooms: new Map(opened.map(({ room }) => [room.name, room])), readiness, stop };
};
