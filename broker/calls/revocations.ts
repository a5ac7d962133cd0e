import type { Clock } from '../process/clock.ts';
import { AppError } from './errors.ts';
import type { Logger } from '../process/logger.ts';

/** Longer than any access token lives, even by a clock that is off; after that it has expired anyway. */
const KEPT_MS = 60 * 60_000;
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 2_000;
/** How long somebody waits for the list before being told to come back. */
const PATIENCE_MS = 2_500;

/** What was revoked: sessions, and users whose tokens of an older version say too much or too little. */
export type Revoked = {
  sessionIds: readonly string[];
  staleVersions: readonly { userId: string; version: number }[];
};

type Owner = { userId: string; sessionId: string };
export type Verdict = 'session_ended' | 'token_expired' | null;

/** What a process knows of revoked access, so that nobody need ask auth on each request. */
export type Revocations = {
  add(list: Partial<Revoked>): void;
  /**
   * Null while everything is heard; else resolves when the list was read anew.
   * @throws AppError `unavailable` when that takes too long
   */
  known(): Promise<void> | null;
  /**
   * Why a token opens nothing any more, or null; waits as `known` does.
   * @throws AppError `unavailable` when that takes too long
   */
  verdict(owner: Owner, version: number): Verdict | Promise<Verdict>;
  /** From now on something may be missed: nothing counts as known until the list was read anew. */
  disconnected(): void;
  /** Reads the list until that succeeds; what is told meanwhile is kept. */
  load(): Promise<void>;
};

/** Keeps the newest of each key for a while; the oldest stand first. */
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

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * Access that was revoked within one access-token lifetime.
 * @param fetch asks auth for all of it
 */
export const revocations = (options: {
  clock: Clock;
  log: Logger;
  fetch: () => Promise<Revoked>;
}): Revocations => {
  const { clock, log, fetch } = options;
  const ended = keptFor<true>(clock);
  const versions = keptFor<number>(clock);
  // Grows with each time that something may have been missed; a list counts that was asked for after it.
  let missed = 1;
  let knownUpTo = 0;
  let waiting: (() => void)[] = [];

  const add: Revocations['add'] = ({ sessionIds = [], staleVersions = [] }) => {
    for (const sessionId of sessionIds) ended.set(sessionId, true);
    for (const { userId, version } of staleVersions) {
      versions.set(userId, Math.max(version, versions.get(userId) ?? 0));
    }
  };

  const judge = ({ userId, sessionId }: Owner, version: number): Verdict => {
    if (ended.get(sessionId)) return 'session_ended';
    return version < (versions.get(userId) ?? 0) ? 'token_expired' : null;
  };

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
    const askedAfter = missed;
    add(await fetch());
    knownUpTo = Math.max(knownUpTo, askedAfter);
    if (knownUpTo !== missed) return;
    const told = waiting;
    waiting = [];
    for (const tell of told) tell();
  };

  const known = (): Promise<void> | null => (knownUpTo === missed ? null : untilKnown());

  return {
    add,
    known,
    verdict: (owner, version) => known()?.then(() => judge(owner, version)) ?? judge(owner, version),
    disconnected: () => {
      missed += 1;
    },
    load: async () => {
      for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(MAX_DELAY_MS, delayMs * 2)) {
        try {
          return await read();
        } catch (error) {
          log.warn({ err: error }, 'auth does not say what was revoked; asking again');
          await sleep(delayMs);
        }
      }
    },
  };
};
