import { Cachers, Serializers, type ServiceBroker } from 'moleculer';
import type { Redis } from './redis.ts';

const MAX_ENTRIES = 1_000;
const PREFIX = 'payloom';

/**
 * Moleculer's Redis cacher over the connection that this process has already, whose health is known; its own
 * would wait for a Redis that is away and log every failed try. Locks are left out: nothing here uses them.
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

  /** The connection is closed by whoever opened it. */
  override close(): Promise<void> {
    return Promise.resolve();
  }
}

/** The broker's cacher: in Redis where there is one, otherwise the last thousand answers in memory. */
export const cacherOf = (redis: Redis | null): Cachers.Redis | Cachers.MemoryLRU =>
  redis
    ? new SharedRedisCacher(redis)
    : // Copies, so that nobody changes an answer under the next reader's hands.
      new Cachers.MemoryLRU({ max: MAX_ENTRIES, clone: true });
