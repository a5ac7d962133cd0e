import { createHash } from 'node:crypto';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { Redis } from '../../../broker/cache/redis.ts';
import { AppError } from '../../../broker/calls/errors.ts';
import type { Action, Limit } from '../../../shared/contracts/contract.ts';

const WINDOW_S = 60;

/** Counts one request of an account or an address; throws `rate_limited` with the seconds to wait. */
export type Count = (who: string) => Promise<void>;

/** The two limits of one action; null where there is none. */
export type ActionLimits = { account: Count | null; address: Count | null };

type Consume = (who: string) => Promise<RateLimiterRes>;

/** Counts in Redis, together with every other gateway; in this process while Redis is away. */
const sharedCounter = (redis: Redis, keyPrefix: string, points: number): Consume => {
  const alone = new RateLimiterMemory({ keyPrefix, points, duration: WINDOW_S });
  const together = new RateLimiterRedis({
    storeClient: redis.client,
    keyPrefix,
    points,
    duration: WINDOW_S,
    rejectIfRedisNotReady: true,
    insuranceLimiter: alone,
    // Whoever is over the limit is refused from memory until its end: a flood costs Redis nothing.
    inMemoryBlockOnConsumed: points + 1,
  });
  return async (who) => {
    // Accounts are named by e-mail address at sign-in: those stay out of Redis.
    const key = createHash('sha256').update(who).digest('base64url');
    if (!redis.healthy()) return alone.consume(key);
    const counted = await together.consume(key);
    // An answer that is no number would pass as no limit at all.
    return Number.isFinite(counted.consumedPoints) ? counted : alone.consume(key);
  };
};

const counter = (name: string, perMinute: number | undefined, redis: Redis | null): Count | null => {
  if (!perMinute) return null;
  const memory = new RateLimiterMemory({ keyPrefix: name, points: perMinute, duration: WINDOW_S });
  const consume: Consume = redis
    ? sharedCounter(redis, `limit:${name}`, perMinute)
    : (who) => memory.consume(who);
  return async (who) => {
    try {
      await consume(who);
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      const waitS = Math.ceil(refusal.msBeforeNext / 1_000);
      throw new AppError('rate_limited', { retryAfterS: Math.min(WINDOW_S, Math.max(1, waitS)) });
    }
  };
};

/** What is limited: an action, or something else that has a name. */
type Limited = Pick<Action, 'name' | 'limit'>;

/**
 * Limits of an action as its contract says, unless the configuration says otherwise or switches all off.
 * @param redis where gateways count together; null counts in this process
 */
export const limitsOf = (
  action: Limited,
  { limits, limitsOff }: { limits: Readonly<Record<string, Limit>>; limitsOff: boolean },
  redis: Redis | null,
): ActionLimits => {
  if (limitsOff) return { account: null, address: null };
  const limit = { ...action.limit, ...limits[action.name] };
  return {
    account: counter(`${action.name}:account`, limit.perAccountPerMinute, redis),
    address: counter(`${action.name}:address`, limit.perAddressPerMinute, redis),
  };
};
