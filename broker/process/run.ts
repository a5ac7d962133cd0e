import { ServiceBroker, type BrokerOptions } from 'moleculer';
import { busSettings, isDistributed, joinBus, type Bus, type BusSettings } from './bus.ts';
import { openCaches, type Caches } from '../cache/open-caches.ts';
import type { Origin } from '../calls/call.ts';
import type { Hub, ServiceQueue } from '../events/hub.ts';
import type { Clock, CorrectableClock } from './clock.ts';
import { synchronizeClock, type TimeSource } from './clock-sync.ts';
import { ConfigError, postgresUrl, readConfig, redisUrl, type Env } from './config.ts';
import { purgeInbox } from '../events/inbox.ts';
import { purgePublished } from '../events/published-events.ts';
import { watchQueue } from '../events/queue-metrics.ts';
import { startRelay } from '../events/relay.ts';
import { eventSettings, type EventSettings } from '../events/settings.ts';
import { runChecks, type Readiness } from './health.ts';
import { readKeys } from '../calls/service-keys.ts';
import { logLevels, type LogLevels } from './log-levels.ts';
import { moleculerLogger, type Logger } from './logger.ts';
import { startJobs, type Job } from './jobs.ts';
import {
  openService,
  startSubscriptions,
  toMoleculerService,
  type OpenService,
  type Shared,
} from './open-service.ts';
import { operationActions } from '../operations/actions.ts';
import { reporter } from '../operations/report.ts';
import type { AnyServiceDefinition, Service } from './service.ts';
import type { Database } from '../postgres/database.ts';
import { countCache } from '../telemetry/metrics.ts';

export type RunOptions = {
  definitions: readonly AnyServiceDefinition[];
  env: Env;
  /** A correctable clock is synchronized with the services' databases. */
  clock: Clock | CorrectableClock;
  log: Logger;
  /** The options of `moleculer.config.ts`. */
  broker?: BrokerOptions;
  /** False if not all subscribers are reachable: events then stay in the outbox. */
  relay?: boolean;
  /** Gives each service with a database moleculer-db's methods on its pool, for the REPL. */
  adapters?: boolean;
};

export type RunningServices = {
  broker: ServiceBroker;
  origin: Origin;
  services: ReadonlyMap<string, Service>;
  /** The databases of the services that have one. */
  databases: ReadonlyMap<string, Database>;
  levels: LogLevels;
  readiness(): Promise<Readiness>;
  stop(): Promise<void>;
};

/** Reads all configuration and reports every problem at once. */
const readEnv = (definitions: readonly AnyServiceDefinition[], env: Env) => {
  const read = definitions.map((definition) => ({ definition, ...readConfig(definition.config, env) }));
  const { keys, problems: keyProblems } = readKeys(definitions, env, isDistributed(env));
  const events = readConfig(eventSettings, env);
  const calls = readConfig(busSettings, env);
  const problems = new Set([
    ...[...read, events, calls].flatMap((one) => one.problems as string[]),
    ...keyProblems,
  ]);
  if (!redisUrl.safeParse(env['REDIS_URL']).success)
    problems.add('REDIS_URL must be a redis:// or rediss:// address');
  for (const { database } of definitions) {
    if (!database) continue;
    const { error } = postgresUrl.safeParse(env[database.env]);
    if (error) problems.add(`${database.env} ${error.issues[0]?.message}`);
  }
  if (problems.size > 0) throw new ConfigError([...problems].join('\n'));
  return {
    keys,
    events: events.config as EventSettings,
    calls: calls.config as BusSettings,
    configs: new Map(read.map((one) => [one.definition.contract.service, one.config as never])),
  };
};

/** The service's jobs, and those that purge its published and its handled events. */
const jobsOf = async (
  { database, jobs = [], copies = [], subscribers = [] }: AnyServiceDefinition,
  { keptMs, inboxKeptMs }: EventSettings,
): Promise<readonly Job<never>[]> => {
  if (!database) return jobs;
  const inbox = subscribers.length > 0 ? [purgeInbox(inboxKeptMs)] : [];
  // Loaded only with copies: it brings the driver of PostgreSQL.
  const comparing = copies.length > 0 ? [(await import('../copies/compare-job.ts')).compareJob(copies)] : [];
  return [...jobs, ...comparing, purgePublished(keptMs), ...inbox];
};

/** Synchronizes the process's clock with the first source. */
const clockSync = (clock: Clock | CorrectableClock, log: Logger) => {
  let started: Promise<() => void> | null = null;
  return {
    start: async (source: TimeSource): Promise<void> => {
      if ('correct' in clock) started ??= synchronizeClock(clock, source, log);
      await started;
    },
    stop: () => void started?.then((stop) => stop()),
  };
};

const cachesOptions = ({ nodeId: name, hub: events }: Bus, log: Logger) => ({
  ...{ name, log, events },
  count: countCache,
});

/** Health checks of the process; its services add their databases. */
const processChecks = ({ amqp }: Bus, caches: Caches, isReady: () => boolean): Shared['checks'] => {
  const checks: Shared['checks'] = new Map(
    [...caches.checks].map(([name, run]) => [name, { run, optional: true }]),
  );
  const add = (name: string, run: () => Promise<void>) => checks.set(name, { run, optional: false });
  add('started', async () => {
    if (!isReady()) throw new Error('still starting');
  });
  if (amqp) {
    add('RabbitMQ', async () => {
      if (!amqp.connected()) throw new Error('not connected');
    });
  }
  return checks;
};

const startRelayOf = (
  { definition, service, cache, workers }: OpenService,
  { hub }: Bus,
  { keptMs }: EventSettings,
): void => {
  const { name, db, log } = service;
  const options = { keep: keptMs > 0, beforePublish: cache?.invalidate };
  if (definition.database) workers.push(startRelay(name, db, hub, log, options));
};

const startWorkers = async (
  { definition, service, workers }: OpenService,
  events: EventSettings,
): Promise<void> => {
  workers.push(...(definition.workers?.(service as never) ?? []));
  const jobs = await jobsOf(definition, events);
  if (jobs.length > 0) workers.push(startJobs(jobs, service));
};

type QueuedService = { name: string; db: Database | null; queue: ServiceQueue | null };

/** The services with their queues, where they have one. */
const queuesOf = (opened: readonly OpenService[], hub: Hub): QueuedService[] =>
  opened.map(({ definition, service: { name, db } }) => {
    const isSubscriber = definition.database !== undefined && (definition.subscribers?.length ?? 0) > 0;
    return { name, db: definition.database ? db : null, queue: isSubscriber ? hub.queueOf(name, db) : null };
  });

/** For each service the actions with which administrators see and change it. */
const operationsOf = (
  services: readonly QueuedService[],
  { amqp }: Bus,
  checks: Shared['checks'],
  levels: LogLevels,
) => {
  const report = reporter({ startedAt: new Date(performance.timeOrigin), amqp, checks, services });
  return ({ service }: OpenService) =>
    operationActions(report, services.find(({ name }) => name === service.name)?.queue ?? null, (change) =>
      levels.change(service.name, change),
    );
};

/**
 * Runs services in this process: reads their configuration, connects to the bus, opens their databases,
 * serves their actions, starts relays, subscriptions, workers and jobs. Resolves when everything is ready.
 * @throws ConfigError naming every variable that is missing or wrong, of all services at once
 */
export const runServices = async (options: RunOptions): Promise<RunningServices> => {
  const { definitions, env, clock, relay = true, adapters = false } = options;
  const log = options.log.child({ service: 'process' });
  const { keys, configs, events, calls } = readEnv(definitions, env);
  const bus = await joinBus(definitions, env, calls, { clock, log });
  const caches = await openCaches(definitions, env, cachesOptions(bus, log));
  const broker = new ServiceBroker({
    ...options.broker,
    ...bus.broker,
    ...caches.broker,
    logger: moleculerLogger(log),
  });
  let ready = false;
  const checks = processChecks(bus, caches, () => ready);
  const readiness = () => runChecks(checks);
  const time = clockSync(clock, log);
  const shared: Shared = {
    ...{ broker, keys, clock, env, checks, readiness, caches, adapters },
    log: options.log,
    synchronizeClock: time.start,
  };
  const opened = await Promise.all(
    definitions.map((definition) =>
      openService(definition, configs.get(definition.contract.service) as never, shared),
    ),
  );
  const originOf = (service: string): Origin => ({ broker, keys, clock, service });
  const queued = queuesOf(opened, bus.hub);
  const levels = logLevels(new Map(opened.map(({ service }) => [service.name, service.log])));
  const operations = operationsOf(queued, bus, checks, levels);
  for (const one of opened)
    broker.createService(await toMoleculerService(one, originOf(one.service.name), operations(one)));
  await broker.start();
  for (const { definition, service } of opened) {
    const { time: read } = definition;
    if (read)
      await time.start({ name: `the time source of ${service.name}`, read: () => read(service as never) });
  }
  // After the clock is synchronized: subscribers may compare times, for example of revocations.
  for (const one of opened) await startSubscriptions(one, bus.hub, events);
  // After all subscriptions: without RabbitMQ an event reaches only those that exist.
  const unwatch = queued.flatMap(({ name, queue }) => (queue ? [watchQueue(name, queue.depth)] : []));
  if (relay) opened.forEach((one) => startRelayOf(one, bus, events));
  for (const { definition, service } of opened) await definition.started?.(service as never);
  for (const one of opened) await startWorkers(one, events);
  ready = true;

  const stop = async () => {
    ready = false;
    time.stop();
    unwatch.forEach((end) => end());
    await broker.stop();
    await Promise.all(opened.flatMap(({ workers }) => workers.map((worker) => worker.stop())));
    for (const { definition, service } of opened) await definition.stopped?.(service as never);
    for (const { definition, service } of opened) if (definition.database) await service.db.close();
    caches.close();
    await bus.leave();
  };
  return {
    broker,
    origin: originOf('services'),
    services: new Map(opened.map(({ service }) => [service.name, service])),
    databases: new Map(
      opened.filter(({ definition }) => definition.database).map(({ service: { name, db } }) => [name, db]),
    ),
    levels,
    readiness,
    stop,
  };
};
