import type { BrokerOptions, ServiceBroker } from 'moleculer';
import { isDistributed } from '../process/bus.ts';
import type { Env } from '../process/config.ts';
import type { Logger } from '../process/logger.ts';
import type { AnyServiceDefinition } from '../process/service.ts';
import type { ActionCache, CacheOutcome } from './action-cache.ts';
import type { Events } from './kept-answers.ts';

/** The caches of a process's services, in one store. */
export type Caches = {
  /** Moleculer's cacher, if a service caches answers. */
  broker: Pick<BrokerOptions, 'cacher'>;
  /** The cache of one service; undefined if its contract caches nothing. */
  of(definition: AnyServiceDefinition, broker: ServiceBroker): ActionCache | undefined;
  /** Health checks of the store, by name. */
  checks: ReadonlyMap<string, () => Promise<void>>;
  close(): void;
};

const keepsAnswers = ({ contract }: AnyServiceDefinition): boolean =>
  Object.values(contract.actions).some(({ cache }) => cache);

const NO_CACHES: Caches = { broker: {}, of: () => undefined, checks: new Map(), close: () => undefined };

type CachesOptions = {
  name: string;
  log: Logger;
  events: Events;
  count?: (action: string, outcome: CacheOutcome) => void;
};

/**
 * Opens the store for cached answers: Redis at REDIS_URL, otherwise memory in a process with all services;
 * nothing if no contract caches.
 * @param name the process's node id, shown by Redis
 * @param events whether events arrive: without them nothing is read from the cache
 * @param count counts every call of a cached action: answered from the cache, computed, or past the cache
 */
export const openCaches = async (
  definitions: readonly AnyServiceDefinition[],
  env: Env,
  { name, log, events, count }: CachesOptions,
): Promise<Caches> => {
  const url = env['REDIS_URL'];
  // On a bus one process of a service handles an event; it could not clear the memory of the others.
  if (!definitions.some(keepsAnswers) || (!url && isDistributed(env))) return NO_CACHES;
  // Loaded only if answers are cached.
  const [{ createActionCache }, { cacherOf }, { redisLocks }] = await Promise.all([
    import('./action-cache.ts'),
    import('./cachers.ts'),
    import('./one-computation.ts'),
  ]);
  const redis = url ? (await import('./redis.ts')).openRedis({ url, name, log }) : null;
  const cacher = cacherOf(redis);
  return {
    broker: { cacher },
    of: (definition, { cacher: store }) =>
      keepsAnswers(definition) && store
        ? createActionCache({
            actions: Object.values(definition.contract.actions),
            eventNames: [
              ...Object.values(definition.contract.events),
              ...(definition.subscribers ?? []).map(({ event }) => event),
            ].map(({ name: event }) => event),
            store,
            redis,
            locks: redis && redisLocks(redis),
            events,
            count,
          })
        : undefined,
    checks: new Map(redis ? [['Redis', redis.check]] : []),
    close: () => redis?.close(),
  };
};
