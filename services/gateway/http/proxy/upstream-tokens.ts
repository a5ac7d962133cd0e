import { LRUCache } from 'lru-cache';
import type { CallOptions } from '../../../../broker/calls/call.ts';
import type { Service } from '../../../../broker/process/service.ts';
import { auth } from '../../../../shared/contracts/auth/auth.ts';

/** A part of the token's lifetime, a minute, so that an upstream has time to verify it. */
const REUSED_MS = 20_000;
const TOKENS_MAX = 10_000;

/** Tokens signed by auth by which upstreams know the caller. */
export type UpstreamTokens = {
  /** The token of a request's caller; null without a caller. */
  tokenFor(options: CallOptions, upstream: string): Promise<string | null>;
  /** Drops all tokens, after keys were revoked. */
  clear(): void;
};

export const upstreamTokens = ({ send, clock }: Pick<Service, 'send' | 'clock'>): UpstreamTokens => {
  const issued = new LRUCache<string, string>({
    max: TOKENS_MAX,
    ttl: REUSED_MS,
    ttlResolution: 0,
    perf: { now: clock.nowMs },
  });
  return {
    tokenFor: async (options, audience) => {
      const { caller } = options;
      if (caller === null) return null;
      const key = [caller.sessionId, caller.role, audience].join(' ');
      const known = issued.get(key);
      if (known !== undefined) return known;
      const { result } = await send(auth.actions.issueUpstreamToken, { audience }, options);
      issued.set(key, result.token);
      return result.token;
    },
    clear: () => issued.clear(),
  };
};
