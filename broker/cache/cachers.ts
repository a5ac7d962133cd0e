import { Cachers, Serializers, type ServiceBroker } from 'moleculer';
import type { Redis } from './redis.ts';

const MAX_ENTRIES = 1_000;
const PREFIX = 'payloom';

/**
 * Moleculer's Redis cacher on the process's existing connection, whose health is tracked; its own connection
 * would wait for an unreachable Redis and log every attempt. Locks are not used.
 */
class SharedRedisCacher extends Cachers.Redis {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    super({ prefix: PREFIX });
    this.#redis = redis;
  }

  override init(broker: ServiceBroker): void {
    Cachers.Base.prototype.init.call(this, broker);
    const serializer = Serializers.resolve('JSON');
    serializer.init(broker);
    Object.assign(this, { client: this.#redis.client, serializer, connected: true });
  }

  /** The connection is closed by its owner. */
  override close(): Promise<void> {
    return Promise.resolve();
  }
}

/** The broker's cacher: Redis if there is one, otherwise the last thousand answers in memory. */
export const cacherOf = (redis: Redis | null): Cachers.Redis | Cachers.MemoryLRU =>
  redis
    ? new SharedRedisCacher(redis)
    : // Copies, so that one reader's changes do not reach the next.
      new Cachers.MemoryLRU({ max: MAX_ENTRIES, clone: true });
