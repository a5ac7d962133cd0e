import * as z from 'zod/mini';
import { number } from '../process/config.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const INBOX_MIN_DAYS = 7;

/** Environment variables of every process. */
export const eventSettings = z.pipe(
  z.object({
    EVENTS_KEPT_DAYS: number(7, 0, 3_650),
    EVENTS_WAIT_HOURS: number(24, 1, 24 * 30),
  }),
  z.transform(({ EVENTS_KEPT_DAYS: keptDays, EVENTS_WAIT_HOURS: waitHours }) => ({
    /** How long a publisher keeps published events for a replay. */
    keptMs: keptDays * DAY_MS,
    /** How long a subscriber records handled events: for longer than any publisher keeps them. */
    inboxKeptMs: Math.max(INBOX_MIN_DAYS, keptDays + 1) * DAY_MS,
    /** How long an event waits for an unavailable dependency of its handler. */
    waitMs: waitHours * HOUR_MS,
  })),
);

export type EventSettings = z.output<typeof eventSettings>;
