import { createHash } from 'node:crypto';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { Redis } from '../../../broker/cache/redis.ts';
import { AppError } from '../../../broker/calls/errors.ts';
import type { Action, Limit } from '../../../shared/contracts/contract.ts';

const WINDOW_S = 60;

/** Counts one request of an account or an address; throws `rate_limited` with the seconds to wait. */
export type Count = (key: string) => Promise<void>;

/** The two limits of one action; null where there is none. */
export type ActionLimits = { account: Count | null; address: Count | null };

type Consume = (key: string) => Promise<RateLimiterRes>;

/** Counts in Redis, together with all gateways; in this process while Redis is not available. */
const sharedCounter = (redis: Redis, keyPrefix: string, points: number): Consume => {
  const alone = new RateLimiterMemory({ keyPrefix, points, duration: WINDOW_S });
  const together = new RateLimiterRedis({
    storeClient: redis.client,
    keyPrefix,
    points,
    duration: WINDOW_S,
    rejectIfRedisNotReady: true,
    insuranceLimiter: alone,
    // A key over its limit is refused from memory until the window ends, so that a flood does not reach
    // Redis.
    inMemoryBlockOnConsumed: points + 1,
  });
  return async (name) => {
    // At sign-in the name is an e-mail address; Redis stores only its hash.
    const key = createHash('sha256').update(name).digest('base64url');
    if (!redis.healthy()) return alone.consume(key);
    const counted = await together.consume(key);
    // The library lets a request pass when Redis returns something that is not a number.
    return Number.isFinite(counted.consumedPoints) ? counted : alone.consume(key);
  };
};

const counter = (name: string, perMinute: number | undefined, redis: Redis | null): Count | null => {
  if (!perMinute) return null;
  const memory = new RateLimiterMemory({ keyPrefix: name, points: perMinute, duration: WINDOW_S });
  const consume: Consume = redis
    ? sharedCounter(redis, `limit:${name}`, perMinute)
    : (key) => memory.consume(key);
  return async (key) => {
    try {
      await consume(key);
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      const waitS = Math.ceil(refusal.msBeforeNext / 1_000);
      throw new AppError('rate_limited', { retryAfterS: Math.min(WINDOW_S, Math.max(1, waitS)) });
    }
  };
};

/** An action, or another thing with a name and limits, such as the socket handshake. */
type Limited = Pick<Action, 'name' | 'limit'>;

/**
 * The limits of an action from its contract, overridden or switched off by the configuration.
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

/**
 * The account that a sign-in without a session counts against: its e-mail address, normalized as auth does.
 */
export const namedAccount = ({ email }: Readonly<Record<string, unknown>>): string | null =>
  typeof email === 'string' ? email.trim().toLowerCase().slice(0, 255) : null;
