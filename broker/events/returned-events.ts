import { backoffMs, type Backoff } from '../process/backoff.ts';
import type { Logger } from '../process/logger.ts';
import { countReturned } from '../telemetry/metrics.ts';

/** Pauses before an event that reached no queue is published again. */
const RETURNED: Backoff = { firstMs: 500, maxMs: 10_000 };

/**
 * The events, by name, that reached no queue: their rows are left in the outbox for growing pauses, and all
 * others are published meanwhile.
 */
export const returnedEvents = (service: string, log: Logger) => {
  const pauses = new Map<string, { tries: number; untilMs: number }>();
  return {
    /** The names of events that are not to be published now. */
    paused: (): string[] => {
      const nowMs = performance.now();
      return [...pauses].filter(([, { untilMs }]) => untilMs > nowMs).map(([event]) => event);
    },
    /** Records what became of a batch. @returns the shortest new pause in milliseconds, or null */
    record: (published: readonly string[], returned: readonly string[]): number | null => {
      for (const event of returned) countReturned(service, event);
      for (const event of new Set(published)) {
        if (!returned.includes(event) && pauses.delete(event))
          log.info({ event }, 'event is routed to a queue again');
      }
      const added = [...new Set(returned)].map((event) => {
        const tries = pauses.get(event)?.tries ?? 0;
        if (tries === 0)
          log.warn(
            { event },
            'the event reached no queue of a subscriber: it stays in the outbox and is retried',
          );
        const pauseMs = backoffMs(RETURNED, tries);
        pauses.set(event, { tries: tries + 1, untilMs: performance.now() + pauseMs });
        return pauseMs;
      });
      return added.length > 0 ? Math.min(...added) : null;
    },
  };
};
