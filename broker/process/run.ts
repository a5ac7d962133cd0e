import { ServiceBroker, type BrokerOptions } from 'moleculer';
import { isDistributed, joinBus } from './bus.ts';
import { openCaches } from '../cache/open-caches.ts';
import type { Origin } from '../calls/call.ts';
import type { Clock, CorrectableClock } from './clock.ts';
import { keepTime, type TimeSource } from './clock-sync.ts';
import { ConfigError, postgresUrl, readConfig, redisUrl, type Env } from './config.ts';
import { purgeInbox } from '../events/inbox.ts';
import { startRelay } from '../events/outbox.ts';
import { runChecks, type Readiness } from './health.ts';
import { readKeys } from '../calls/service-keys.ts';
import { moleculerLogger, type Logger } from './logger.ts';
import { startJobs, type Job } from './jobs.ts';
import { openService, toMoleculerService, startSubscriptions, type Shared } from './open-service.ts';
import type { AnyServiceDefinition, Service } from './service.ts';
import { countCache } from '../telemetry/metrics.ts';

export type RunOptions = {
  definitions: readonly AnyServiceDefinition[];
  env: Env;
  /** One that can be corrected is kept by the clock of the services' databases. */
  clock: Clock | CorrectableClock;
  log: Logger;
  /** What `moleculer.config.ts` says. */
  broker?: BrokerOptions;
  /** False where not every subscriber of an event can be reached: events then stay in the outbox. */
  relay?: boolean;
};

export type RunningServices = {
  broker: ServiceBroker;
  origin: Origin;
  services: ReadonlyMap<string, Service>;
  readiness(): Promise<Readiness>;
  stop(): Promise<void>;
};

/** Everything that was configured, or every problem with it at once. */
const readEnv = (definitions: readonly AnyServiceDefinition[], env: Env) => {
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
  return {
    keys,
    configs: new Map(read.map((one) => [one.definition.contract.service, one.config as never])),
  };
};

/** The service's own jobs, and for one with an inbox the one that purges it. */
const jobsOf = ({ database, jobs = [], subscribers = [] }: AnyServiceDefinition): readonly Job<never>[] =>
  database && subscribers.length > 0 ? [...jobs, purgeInbox] : jobs;

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
 * Runs services in this process: reads their configuration, joins the bus, opens their databases, serves
 * their
 * actions, starts their relays and subscribers. Resolves when all of them are ready.
 * @throws ConfigError naming every variable that is missing or wrong, in all services at once
 */
export const runServices = async (options: RunOptions): Promise<RunningServices> => {
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
      openService(definition, configs.get(definition.contract.service) as never, shared),
    ),
  );
  for (const one of opened)
    broker.createService(await toMoleculerService(one, { broker, keys, clock, service: one.service.name }));
  await broker.start();
  for (const { definition, service, workers } of opened) {
    if (relay && definition.database) workers.push(startRelay(service.name, service.db, hub, service.log));
  }
  for (const { definition, service } of opened) {
    const { time: ask } = definition;
    if (ask) await time.keep({ name: `what ${service.name} asks`, ask: () => ask(service as never) });
  }
  // Only now: what a service does when it hears, such as reading what was revoked, lets it judge by its
  // clock.
  for (const one of opened) await startSubscriptions(one, hub);
  for (const { definition, service } of opened) await definition.started?.(service as never);
  for (const { definition, service, workers } of opened) {
    workers.push(...(definition.workers?.(service as never) ?? []));
    const jobs = jobsOf(definition);
    if (jobs.length > 0) workers.push(startJobs(jobs, service));
  }
  ready = true;

  const stop = async () => {
    ready = false;
    time.stop();
    await broker.stop();
    await Promise.all(opened.flatMap(({ workers }) => workers.map((worker) => worker.stop())));
    for (const { definition, service } of opened) await definition.stopped?.(service as never);
    for (const { definition, service } of opened) if (definition.database) await service.db.close();
    caches.close();
    await bus.leave();
  };
  const origin: Origin = { broker, keys, clock, service: 'services' };
  return {
    broker,
    origin,
    services: new Map(opened.map(({ service }) => [service.name, service])),
    readiness,
    stop,
  };
};
