import type { BrokerOptions, ServiceBroker } from 'moleculer';
import { isDistributed } from '../process/bus.ts';
import type { Env } from '../process/config.ts';
import type { Logger } from '../process/logger.ts';
import type { AnyServiceDefinition } from '../process/service.ts';
import type { ActionCache, CacheOutcome } from './action-cache.ts';

/** The caches of a process's services, in the one store that they share. */
export type Caches = {
  /** Moleculer's cacher, where a service keeps answers. */
  broker: Pick<BrokerOptions, 'cacher'>;
  /** The cache of one service; undefined where its contract keeps nothing. */
  of(definition: AnyServiceDefinition, broker: ServiceBroker): ActionCache | undefined;
  close(): void;
};

const keepsAnswers = ({ contract }: AnyServiceDefinition): boolean =>
  Object.values(contract.actions).some(({ cache }) => cache);

const NO_CACHES: Caches = { broker: {}, of: () => undefined, close: () => undefined };

/**
 * Opens what the services of this process need to keep answers: Redis where REDIS_URL names one, otherwise
 * this
 * process's memory where it holds all services; nothing where no contract asks for it.
 * @param name the process's node id, as Redis will list it
 * @param count told of every call of a kept action: answered from the cache, worked out, or past the cache
 */
export const openCaches = async (
  definitions: readonly AnyServiceDefinition[],
  env: Env,
  {
    name,
    log,
    count,
  }: { name: string; log: Logger; count?: (action: string, outcome: CacheOutcome) => void },
): Promise<Caches> => {
  const url = env['REDIS_URL'];
  // On a bus an event is heard by one process of a service: what the others keep for themselves it cannot
  // clear.
  if (!definitions.some(keepsAnswers) || (!url && isDistributed(env))) return NO_CACHES;
  // Loaded by those who keep answers only.
  const [{ createActionCache }, { cacherOf }] = await Promise.all([
    import('./action-cache.ts'),
    import('./cachers.ts'),
  ]);
  const redis = url ? (await import('./redis.ts')).openRedis({ url, name, log }) : null;
  const cacher = cacherOf(redis);
  return {
    broker: { cacher },
    of: (definition, { cacher: store }) =>
      keepsAnswers(definition) && store
        ? createActionCache({
            actions: Object.values(definition.contract.actions),
            events: (definition.subscribers ?? []).map(({ event }) => event.name),
            store,
            redis,
            count,
          })
        : undefined,
    close: () => redis?.close(),
  };
};
