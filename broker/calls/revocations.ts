import pRetry from 'p-retry';
import type { Clock } from '../process/clock.ts';
import { observeRevocation, showRevocations } from '../telemetry/metrics.ts';
import { AppError } from './errors.ts';
import type { Logger } from '../process/logger.ts';

/** Longer than any access token is valid, clock errors included. */
const KEPT_MS = 60 * 60_000;
const RETRY = { retries: Infinity, minTimeout: 100, maxTimeout: 2_000, randomize: true };
/** How long a request waits for the list before it is refused. */
const PATIENCE_MS = 2_500;

/** Revoked sessions and keys, and the oldest valid access version of users whose rights have changed. */
export type Revoked = {
  sessionIds: readonly string[];
  staleVersions: readonly { userId: string; version: number }[];
  keyIds: readonly string[];
};

/** What a token grants access with; `keyId` is null where the key that signed it is not known. */
type Presented = { userId: string; sessionId: string; version: number; keyId: string | null };
export type Verdict = 'session_ended' | 'token_expired' | null;

/** The revocations known to a process, so that no request needs a call to auth. */
export type Revocations = {
  /** @param at when they were revoked (ISO 8601); the delay of news to a complete list is measured */
  add(list: Partial<Revoked>, at?: string): void;
  /**
   * Null while the list is complete; otherwise resolves when it has been read again.
   * @throws AppError `unavailable` when that takes too long
   */
  known(): Promise<void> | null;
  /**
   * Why a token is no longer valid, or null; waits as `known` does.
   * @throws AppError `unavailable` when that takes too long
   */
  verdict(presented: Presented): Verdict | Promise<Verdict>;
  /** Revocations may be missed from now on: the list counts as incomplete until it has been read again. */
  disconnected(): void;
  /** Reads the list, with retries; revocations that arrive meanwhile are kept. */
  load(): Promise<void>;
};

/** Keeps the latest value of each key for a time; insertion order is age order. */
const keptFor = <T>(clock: Clock) => {
  const entries = new Map<string, { value: T; untilMs: number }>();
  return {
    get: (key: string): T | undefined => entries.get(key)?.value,
    set: (key: string, value: T): void => {
      const nowMs = clock.nowMs();
      for (const [old, { untilMs }] of entries) {
        if (untilMs > nowMs) break;
        entries.delete(old);
      }
      entries.delete(key);
      entries.set(key, { value, untilMs: nowMs + KEPT_MS });
    },
  };
};

/** What is revoked, as far as a process knows. */
const knownRevocations = (clock: Clock, service: string) => {
  showRevocations(service);
  const ended = keptFor<true>(clock);
  const versions = keptFor<number>(clock);
  // Few, and kept for good: a copied key could sign new tokens at any time.
  const keys = new Set<string>();

  const isNews = ({ sessionIds = [], staleVersions = [], keyIds = [] }: Partial<Revoked>): boolean =>
    sessionIds.some((id) => !ended.get(id)) ||
    staleVersions.some(({ userId, version }) => version > (versions.get(userId) ?? 0)) ||
    keyIds.some((id) => !keys.has(id));

  const add: Revocations['add'] = (list, at) => {
    const { sessionIds = [], staleVersions = [], keyIds = [] } = list;
    if (at !== undefined && isNews(list))
      observeRevocation(service, Math.max(0, clock.nowMs() - Date.parse(at)) / 1_000);
    for (const keyId of keyIds) keys.add(keyId);
    for (const sessionId of sessionIds) ended.set(sessionId, true);
    for (const { userId, version } of staleVersions) {
      versions.set(userId, Math.max(version, versions.get(userId) ?? 0));
    }
  };

  const judge = ({ userId, sessionId, version, keyId }: Presented): Verdict => {
    if (ended.get(sessionId)) return 'session_ended';
    if (keyId !== null && keys.has(keyId)) return 'token_expired';
    return version < (versions.get(userId) ?? 0) ? 'token_expired' : null;
  };

  return { add, judge };
};

/**
 * Keeps the revocations of one access-token lifetime.
 * @param fetch reads all of them from auth
 */
export const revocations = (options: {
  /** Named in the metric of how soon a revocation is known. */
  service: string;
  clock: Clock;
  log: Logger;
  fetch: () => Promise<Revoked>;
}): Revocations => {
  const { service, clock, log, fetch } = options;
  const { add, judge } = knownRevocations(clock, service);
  // Incremented whenever revocations may have been missed; only a list requested after that is complete.
  let missed = 1;
  let knownUpTo = 0;
  let waiting: (() => void)[] = [];

  const untilKnown = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const known = () => {
        clearTimeout(limit);
        resolve();
      };
      const limit = setTimeout(() => {
        waiting = waiting.filter((one) => one !== known);
        reject(new AppError('unavailable', { retryAfterS: 1 }));
      }, PATIENCE_MS);
      waiting.push(known);
    });

  const read = async (): Promise<void> => {
    const readAfter = missed;
    add(await fetch());
    knownUpTo = Math.max(knownUpTo, readAfter);
    if (knownUpTo !== missed) return;
    const callbacks = waiting;
    waiting = [];
    for (const callback of callbacks) callback();
  };

  const known = (): Promise<void> | null => (knownUpTo === missed ? null : untilKnown());

  return {
    // While the list is incomplete, requests wait for it: no late revocation lets one pass.
    add: (list, at) => add(list, knownUpTo === missed ? at : undefined),
    known,
    verdict: (presented) => known()?.then(() => judge(presented)) ?? judge(presented),
    disconnected: () => {
      missed += 1;
    },
    load: () =>
      pRetry(read, {
        ...RETRY,
        onFailedAttempt: ({ error }) =>
          log.warn({ err: error }, 'revocations could not be read from auth; retrying'),
      }),
  };
};
