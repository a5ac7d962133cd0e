import { ServiceBroker, type BrokerOptions } from 'moleculer';
import { isDistributed, joinBus } from './bus.ts';
import { openCaches } from './cache/open-caches.ts';
import type { Origin } from './call.ts';
import type { Clock, CorrectableClock } from './clock.ts';
import { keepTime, type TimeSource } from './keep-time.ts';
import { ConfigError, postgresUrl, readConfig, redisUrl, type Env } from './config.ts';
import { startRelay } from './events/outbox.ts';
import { runChecks, type Readiness } from './health.ts';
import { readKeys } from './keys.ts';
import { moleculerLogger, type Logger } from './logger.ts';
import { openRoom, serviceOf, subscribe, type Shared } from './open-room.ts';
import type { AnyRoomDefinition, Room } from './room.ts';
import { countCache } from './telemetry/metrics.ts';

export type RunOptions = {
  definitions: readonly AnyRoomDefinition[];
  env: Env;
  /** One that can be corrected is kept by the clock of the rooms' databases. */
  clock: Clock | CorrectableClock;
  log: Logger;
  /** What `moleculer.config.ts` says. */
  broker?: BrokerOptions;
  /** False where not every hearer of a fact can be reached: facts then stay in the outbox. */
  relay?: boolean;
};

export type RunningRooms = {
  broker: ServiceBroker;
  origin: Origin;
  rooms: ReadonlyMap<string, Room>;
  readiness(): Promise<Readiness>;
  stop(): Promise<void>;
};

/** Everything that was configured, or every problem with it at once. */
const readEnv = (definitions: readonly AnyRoomDefinition[], env: Env) => {
  const read = definitions.map((definition) => ({ definition, ...readConfig(definition.config, env) }));
  const { keys, problems: keyProblems } = readKeys(definitions, env, isDistributed(env));
  const problems = new Set([...read.flatMap((one) => one.problems as string[]), ...keyProblems]);
  if (!redisUrl.safeParse(env['REDIS_URL']).success)
    problems.add('REDIS_URL must be a redis:// or rediss:// address');
  for (const { database } of definitions) {
    if (!database) continue;
    const { error } = postgresUrl.safeParse(env[database.env]);
    if (error) problems.add(`${database.env} ${error.issues[0]?.message}`);
  }
  if (problems.size > 0) throw new ConfigError([...problems].join('\n'));
  return { keys, configs: new Map(read.map((one) => [one.definition.contract.room, one.config as never])) };
};

/** Keeps the process's clock by the first source that is offered. */
const timeKeeper = (clock: Clock | CorrectableClock, log: Logger) => {
  let kept: Promise<() => void> | null = null;
  return {
    keep: async (source: TimeSource): Promise<void> => {
      if ('correct' in clock) kept ??= keepTime(clock, source, log);
      await kept;
    },
    stop: () => void kept?.then((stop) => stop()),
  };
};

/**
 * Runs rooms in this process: reads their configuration, joins the bus, opens their databases, serves their
 * actions, starts their relays and listeners. Resolves when all of them are ready.
 * @throws ConfigError naming every variable that is missing or wrong, in all rooms at once
 */
export const runRooms = async (options: RunOptions): Promise<RunningRooms> => {
  const { definitions, env, clock, log, broker: settings, relay = true } = options;
  const { keys, configs } = readEnv(definitions, env);
  const bus = await joinBus(definitions, env, log);
  const caches = await openCaches(definitions, env, { name: bus.nodeId, log, count: countCache });
  const broker = new ServiceBroker({
    ...settings,
    ...bus.broker,
    ...caches.broker,
    logger: moleculerLogger(log),
  });
  const checks = new Map<string, () => Promise<unknown>>();
  let ready = false;
  checks.set('started', async () => {
    if (!ready) throw new Error('still starting');
  });
  const { amqp } = bus;
  if (amqp) {
    checks.set('RabbitMQ', async () => {
      if (!amqp.connected()) throw new Error('not connected');
    });
  }
  const readiness = () => runChecks(checks);

  const { hub } = bus;
  const time = timeKeeper(clock, log);
  const shared: Shared = { broker, keys, clock, env, log, checks, readiness, caches, keepTime: time.keep };
  const opened = await Promise.all(
    definitions.map((definition) =>
      openRoom(definition, configs.get(definition.contract.room) as never, shared),
    ),
  );
  for (const one of opened)
    broker.createService(await serviceOf(one, { broker, keys, clock, room: one.room.name }));
  await broker.start();
  for (const { definition, room, workers } of opened) {
    if (relay && definition.database) workers.push(startRelay(room.name, room.db, hub, room.log));
  }
  for (const { definition, room } of opened) {
    const { time: ask } = definition;
    if (ask) await time.keep({ name: `what ${room.name} asks`, ask: () => ask(room as never) });
  }
  // Only now: what a room does when it hears, such as reading what was revoked, lets it judge by its clock.
  for (const one of opened) await subscribe(one, hub);
  for (const { definition, room } of opened) await definition.started?.(room as never);
  ready = true;

  const stop = async () => {
    ready = false;
    time.stop();
    await broker.stop();
    for (const { definition, room } of opened) await definition.stopped?.(room as never);
    await Promise.all(opened.flatMap(({ workers }) => workers.map((worker) => worker.stop())));
    for (const { definition, room } of opened) if (definition.database) await room.db.close();
    caches.close();
    await bus.leave();
  };
  const origin: Origin = { broker, keys, clock, room: 'rooms' };
  return { broker, origin, rooms: new Map(opened.map(({ room }) => [room.name, room])), readiness, stop };
};
