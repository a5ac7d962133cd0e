import type { Clock } from '../../../broker/clock.ts';
import { AppError } from '../../../broker/errors.ts';

/** Longer than any access token lives, even by a clock that is off; after that it has expired anyway. */
const KEPT_MS = 60 * 60_000;

/** The sessions that ended within one access-token lifetime: no need to ask auth on each request. */
export type EndedSessions = {
  add(sessionIds: readonly string[]): void;
  /** Throws `unavailable` until the list was loaded: who has ended before is not known yet. */
  has(sessionId: string): boolean;
  /** Fills the list from auth; what is told meanwhile is kept. */
  load(fetch: () => Promise<readonly string[]>): Promise<void>;
  isLoaded(): boolean;
};

export const endedSessions = (clock: Clock): EndedSessions => {
  const keptUntilMs = new Map<string, number>();
  let loaded = false;

  const add = (sessionIds: readonly string[]): void => {
    const nowMs = clock.nowMs();
    for (const [sessionId, untilMs] of keptUntilMs) {
      if (untilMs > nowMs) break;
      keptUntilMs.delete(sessionId);
    }
    for (const sessionId of sessionIds) {
      keptUntilMs.delete(sessionId);
      keptUntilMs.set(sessionId, nowMs + KEPT_MS);
    }
  };

  return {
    add,
    has: (sessionId) => {
      if (!loaded) throw new AppError('unavailable', { retryAfterS: 1 });
      return keptUntilMs.has(sessionId);
    },
    load: async (fetch) => {
      add(await fetch());
      loaded = true;
    },
    isLoaded: () => loaded,
  };
};
