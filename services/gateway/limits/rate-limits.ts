import { createHash } from 'node:crypto';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { Redis } from '../../../broker/cache/redis.ts';
import { AppError } from '../../../broker/calls/errors.ts';
import type { Action, Limit } from '../../../shared/contracts/contract.ts';
import { ADDRESS_MAX_LENGTH, canonicalEmail } from '../../../shared/contracts/email-address.ts';
import type { Usage } from './usage.ts';

const WINDOW_S = 60;

/**
 * Counts one request of an account or an address, with its cost, and adds the result to the request's usage.
 * @throws AppError `rate_limited` with the seconds to wait
 */
export type Count = (key: string, usage?: Usage, cost?: number) => Promise<void>;

/** The two limits of one action; null where there is none. */
export type ActionLimits = {
  account: Count | null;
  address: Count | null;
  /** What a request with this query string costs. */
  costOf(query: string): number;
};

type Consume = (key: string, cost: number) => Promise<RateLimiterRes>;

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
  return async (name, cost) => {
    // At sign-in the name is an e-mail address; Redis stores only its hash.
    const key = createHash('sha256').update(name).digest('base64url');
    if (!redis.healthy()) return alone.consume(key, cost);
    const counted = await together.consume(key, cost);
    // The library lets a request pass when Redis returns something that is not a number.
    return Number.isFinite(counted.consumedPoints) ? counted : alone.consume(key, cost);
  };
};

const inWindow = (ms: number): number => Math.min(WINDOW_S, Math.max(1, Math.ceil(ms / 1_000)));

const counter = (
  name: string,
  kind: 'account' | 'address',
  perMinute: number | undefined,
  redis: Redis | null,
): Count | null => {
  if (!perMinute) return null;
  const keyPrefix = `${name}:${kind}`;
  const memory = new RateLimiterMemory({ keyPrefix, points: perMinute, duration: WINDOW_S });
  const consume: Consume = redis
    ? sharedCounter(redis, `limit:${keyPrefix}`, perMinute)
    : (key, cost) => memory.consume(key, cost);
  const policy = { name: kind, quota: perMinute, windowS: WINDOW_S };
  return async (key, usage, cost = 1) => {
    let refused = false;
    const counted = await consume(key, cost).catch((refusal: unknown) => {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      refused = true;
      return refusal;
    });
    const resetS = inWindow(counted.msBeforeNext);
    usage?.push({ ...policy, remaining: refused ? 0 : counted.remainingPoints, resetS });
    if (refused) throw new AppError('rate_limited', { retryAfterS: resetS });
  };
};

/** The highest cost of the params that a query names; 1 without one of them. */
const costIn =
  (costs: Readonly<Record<string, number>>) =>
  (query: string): number => {
    if (query === '') return 1;
    const names = [...new URLSearchParams(query).keys()];
    return Math.max(1, ...names.map((name) => (Object.hasOwn(costs, name) ? (costs[name] ?? 1) : 1)));
  };

/** An action, or another thing with a name and limits, such as the socket handshake. */
type Limited = Pick<Action, 'name' | 'limit'> & { permission?: Action['permission'] };

const NO_LIMITS: ActionLimits = { account: null, address: null, costOf: () => 1 };

/**
 * The limits of an action from its contract, overridden or switched off by the configuration. Where an action
 * needs a session, gateways count accounts together and addresses each alone: a second command to Redis would
 * double the cost, and the limit of the address only has to keep a flood away.
 * @param redis where gateways count together; null counts in this process
 */
export const limitsOf = (
  action: Limited,
  { limits, limitsOff }: { limits: Readonly<Record<string, Limit>>; limitsOff: boolean },
  redis: Redis | null,
): ActionLimits => {
  if (limitsOff) return NO_LIMITS;
  const { name, permission = 'anyone' } = action;
  const limit = { ...action.limit, ...limits[name] };
  return {
    account: counter(name, 'account', limit.perAccountPerMinute, redis),
    address: counter(name, 'address', limit.perAddressPerMinute, permission === 'anyone' ? redis : null),
    costOf: limit.costs ? costIn(limit.costs) : NO_LIMITS.costOf,
  };
};

/** The account that a sign-in without a session counts against: its e-mail address, in auth's one form. */
export const namedAccount = ({ email }: Readonly<Record<string, unknown>>): string | null =>
  typeof email === 'string' ? canonicalEmail(email).slice(0, ADDRESS_MAX_LENGTH) : null;
