import type { FlatHeaders } from '../http/security-headers.ts';

/** One limit that a request was counted against. */
type Counted = {
  name: 'account' | 'address';
  quota: number;
  windowS: number;
  remaining: number;
  /** Seconds until the quota is restored. */
  resetS: number;
};

/** The limits that a request was counted against, in that order. */
export type Usage = Counted[];

/** Of several calls, for each kind of limit the one of which the least is left. */
export const strictest = (usage: Usage): Usage => {
  const least = new Map<string, Counted>();
  for (const counted of usage) {
    const known = least.get(counted.name);
    if (!known || counted.remaining / counted.quota < known.remaining / known.quota)
      least.set(counted.name, counted);
  }
  return [...least.values()];
};

/**
 * `RateLimit-Policy` and `RateLimit` of draft-ietf-httpapi-ratelimit-headers-10: lists of structured fields
 * (RFC 9651), an item for each limit. `q` is the quota in a window of `w` seconds, `r` what is left of it for
 * the next `t` seconds.
 */
export const usageHeaders = (usage: Usage): FlatHeaders => {
  if (usage.length === 0) return [];
  const policies = usage.map(({ name, quota, windowS }) => `"${name}";q=${quota};w=${windowS}`);
  const limits = usage.map(({ name, remaining, resetS }) => `"${name}";r=${remaining};t=${resetS}`);
  return ['RateLimit-Policy', policies.join(', '), 'RateLimit', limits.join(', ')];
};
