import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { AppError } from '../../../broker/errors.ts';
import type { Action, Limit } from '../../../shared/contracts/contract.ts';

/** Counts one request of an account or an address; throws `rate_limited` with the seconds to wait. */
export type Count = (who: string) => Promise<void>;

/** The two limits of one action; null where there is none. */
export type ActionLimits = { account: Count | null; address: Count | null };

const counter = (name: string, perMinute: number | undefined): Count | null => {
  if (!perMinute) return null;
  const limiter = new RateLimiterMemory({ keyPrefix: name, points: perMinute, duration: 60 });
  return async (who) => {
    try {
      await limiter.consume(who);
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      throw new AppError('rate_limited', {
        retryAfterS: Math.max(1, Math.ceil(refusal.msBeforeNext / 1_000)),
      });
    }
  };
};

/** Limits of an action as its contract says, unless the configuration says otherwise or switches all off. */
export const limitsOf = (
  action: Action,
  { limits, limitsOff }: { limits: Readonly<Record<string, Limit>>; limitsOff: boolean },
): ActionLimits => {
  if (limitsOff) return { account: null, address: null };
  const limit = { ...action.limit, ...limits[action.name] };
  return {
    account: counter(`${action.name}:account`, limit.perAccountPerMinute),
    address: counter(`${action.name}:address`, limit.perAddressPerMinute),
  };
};
