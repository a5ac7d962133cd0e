import * as z from 'zod/mini';
import { reason } from '../auth/fields.ts';
import { instant, searchText, wholeNumber } from '../fields.ts';
import { deadLetterRunId, userId } from '../ids.ts';
import { letterSummary, LETTERS_MAX } from '../operations.ts';

/** An event that a service could not handle. */
export const deadLetter = z.extend(letterSummary, {
  /** `service:event`, because several services may fail at the same event. */
  id: z.string(),
  eventId: z.string(),
});
export type AdminDeadLetter = z.output<typeof deadLetter>;

/** How many dead letters a service has; `reachable` is false while none of its processes answers. */
export const deadLetterCount = z.object({
  service: z.string(),
  dead: z.int(),
  reachable: z.boolean(),
});

export const deadLetterAct = z.enum(['replay', 'discard']);
export type DeadLetterAct = z.output<typeof deadLetterAct>;

/** An administrator's order for some dead letters, carried out in the background. */
export const deadLetterRun = z.object({
  id: deadLetterRunId,
  act: deadLetterAct,
  reason: z.string(),
  orderedBy: userId,
  startedAt: instant,
  /** Null while it runs. */
  finishedAt: z.nullable(instant),
  /** Of how many dead letters it is about. */
  count: z.int(),
  /** How many of them were done. */
  done: z.int(),
  /** How many were no longer there. */
  gone: z.int(),
  /** What keeps it waiting, or has ended it; null otherwise. */
  problem: z.nullable(z.string()),
});
export type DeadLetterRun = z.output<typeof deadLetterRun>;

const letterId = z.string().check(
  z.regex(/^[a-z][a-z-]{0,49}:.{1,255}$/u, {
    error: 'must be the id of a dead letter, a service and an event with : between them',
  }),
);

export const deadLetterOrder = z.object({
  /** Null for a preview. */
  run: z.nullable(deadLetterRun),
  /** What it is about. */
  found: z.array(z.object({ service: z.string(), event: z.string(), count: z.int() })),
  /** Ids of dead letters that are no longer there. */
  missing: z.array(z.string()),
});

const order = {
  permission: ['ADMIN'],
  params: z.strictObject({
    ids: z.array(letterId).check(z.minLength(1), z.maxLength(LETTERS_MAX)),
    reason,
    preview: z._default(z.boolean(), false),
  }),
  result: deadLetterOrder,
  errors: ['dead_letter_not_found', 'card_number_refused'],
  idempotent: 'no',
} as const;

export const deadLetterActions = {
  deadLetters: {
    summary: 'Events that services could not handle, the latest failure first',
    http: { route: 'GET /api/admin/dead-letters' },
    permission: ['ADMIN'],
    params: z.strictObject({
      service: z.optional(searchText(1, 50)),
      event: z.optional(searchText(1, 100)),
      q: z.optional(searchText(2, 200)),
      limit: z._default(wholeNumber(1, LETTERS_MAX), 50),
      cursor: z.optional(z.string().check(z.maxLength(1_000))),
    }),
    result: z.object({
      items: z.array(deadLetter),
      nextCursor: z.nullable(z.string()),
      /** How many the filters find. */
      matches: z.int(),
      services: z.array(deadLetterCount),
    }),
    errors: ['invalid_cursor'],
    idempotent: 'read',
    // Without payloads; an open page reads it at each change.
    recorded: false,
  },
  deadLetter: {
    summary: 'One dead letter with its payload, without secrets',
    http: { route: 'GET /api/admin/dead-letters/:id' },
    permission: ['ADMIN'],
    params: z.strictObject({ id: letterId }),
    result: z.extend(deadLetter, {
      /** As JSON text; null where it is not JSON. */
      payload: z.nullable(z.string()),
    }),
    errors: ['dead_letter_not_found'],
    idempotent: 'read',
  },
  replayDeadLetters: {
    summary: 'Send dead letters back to the services that could not handle them, or preview that',
    http: { route: 'POST /api/admin/dead-letters/replay' },
    ...order,
  },
  discardDeadLetters: {
    summary: 'Delete dead letters for good, or preview that',
    http: { route: 'POST /api/admin/dead-letters/discard' },
    ...order,
  },
  deadLetterRuns: {
    summary: 'The last twenty orders for dead letters, with their progress, the newest first',
    http: { route: 'GET /api/admin/dead-letter-runs' },
    permission: ['ADMIN'],
    params: z.strictObject({}),
    result: z.object({ items: z.array(deadLetterRun) }),
    errors: [],
    idempotent: 'read',
    recorded: false,
  },
} as const;

const ordered = z.object({
  id: deadLetterRunId,
  /** The ids of the events, by service. */
  letters: z.record(z.string(), z.array(z.string())),
  count: z.int(),
  by: userId,
  reason: z.string(),
  at: instant,
});

export const deadLetterEvents = {
  deadLettersReplayed: {
    summary: 'An administrator had dead letters sent back to their services',
    version: 1,
    subscribers: ['admin'],
    payload: ordered,
  },
  deadLettersDiscarded: {
    summary: 'An administrator had dead letters deleted',
    version: 1,
    subscribers: ['admin'],
    payload: ordered,
  },
} as const;
