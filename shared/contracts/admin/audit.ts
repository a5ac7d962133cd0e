import * as z from 'zod/mini';
import { dayOrInstant, instant, searchText, wholeNumber } from '../fields.ts';
import { eventId, userId } from '../ids.ts';
import { isNumbered, numbered, pageNumber } from '../numbered-pages.ts';

/** A person at the time of an entry: later changes of the account do not change it. */
export const auditPerson = z.object({
  id: userId,
  name: z.nullable(z.string()),
  email: z.nullable(z.string()),
});

/** Who did it, with the role at that time. */
export const auditActor = z.extend(auditPerson, { role: z.nullable(z.string()) });

export const auditTarget = z.object({ type: z.string(), id: z.string() });

export const auditEntry = z.object({
  id: eventId,
  at: instant,
  /** The full name of the event, such as `auth.user-suspended`. */
  action: z.string(),
  /** Who did it; null where nobody asked, or nobody who was signed in. */
  actor: z.nullable(auditActor),
  /** On whom. */
  person: z.nullable(auditPerson),
  /** On what: the kind and id of the thing. */
  target: z.nullable(auditTarget),
  reason: z.nullable(z.string()),
  /** The network address from which it was asked for. */
  address: z.nullable(z.string()),
  /** The program with which it was asked for, as it calls itself (User-Agent). */
  device: z.nullable(z.string()),
  sessionId: z.nullable(z.string()),
  requestId: z.nullable(z.string()),
  /** The trace of the act that caused the event; null in entries of older versions. */
  traceId: z.nullable(z.string()),
  /** What is known of the state before; without secrets. */
  before: z.nullable(z.record(z.string(), z.unknown())),
  /** The state after, or what the event says of it; without secrets. */
  after: z.nullable(z.record(z.string(), z.unknown())),
});
export type AuditEntry = z.output<typeof auditEntry>;

/** The filters of the audit log; all that are given must match. */
const auditFilters = z.strictObject({
  person: z.optional(searchText(2, 255)),
  action: z.optional(searchText(1, 100)),
  target: z.optional(searchText(1, 255)),
  address: z.optional(searchText(1, 100)),
  sessionId: z.optional(searchText(1, 100)),
  requestId: z.optional(searchText(1, 200)),
  traceId: z.optional(searchText(1, 100)),
  from: z.optional(dayOrInstant),
  /** Exclusive. */
  to: z.optional(dayOrInstant),
  q: z.optional(searchText(3, 100)),
});
export type AuditFilters = z.output<typeof auditFilters>;

/** Files with all entries that the filters find. */
const exported = {
  permission: ['ADMIN'],
  params: z.extend(auditFilters, { cursor: z.optional(z.string().check(z.maxLength(1_000))) }),
  result: z.object({ text: z.string(), nextCursor: z.nullable(z.string()) }),
  errors: ['invalid_cursor'],
  idempotent: 'read',
  limit: { perAccountPerMinute: 30 },
} as const;

export const auditActions = {
  auditEntries: {
    summary: 'The audit log, newest first: who did what, on whom, from where and why',
    http: { route: 'GET /api/admin/audit', revalidated: true },
    permission: ['ADMIN'],
    params: z.extend(auditFilters, {
      limit: z._default(wholeNumber(1, 100), 25),
      cursor: z.optional(z.string().check(z.maxLength(200))),
    }),
    result: z.object({ items: z.array(auditEntry), nextCursor: z.nullable(z.string()) }),
    errors: ['invalid_cursor'],
    idempotent: 'read',
    limit: { perAccountPerMinute: 1_200, costs: { q: 10, person: 5 } },
  },
  auditPage: {
    summary: 'The audit log as `auditEntries` has it, by the number of its page, and how many entries it has',
    permission: ['ADMIN'],
    params: z
      .extend(auditFilters, { limit: z._default(wholeNumber(1, 100), 25), pageNumber })
      .check(isNumbered),
    result: numbered(auditEntry),
    errors: [],
    idempotent: 'read',
  },
  exportAuditCsv: {
    summary: 'The audit log as CSV, for spreadsheets',
    http: {
      route: 'GET /api/admin/audit.csv',
      download: { type: 'text/csv; charset=utf-8', name: 'audit.csv' },
    },
    ...exported,
  },
  exportAuditJson: {
    summary: 'The audit log as JSON, signed, so that it can be verified without the system',
    http: {
      route: 'GET /api/admin/audit.json',
      download: { type: 'application/json', name: 'audit.json' },
    },
    ...exported,
  },
} as const;

export const auditSignals = {
  auditEntriesAdded: {
    summary: 'Entries were added to the audit log within the last second; `newest` is one of the newest',
    payload: z.object({ newest: eventId }),
  },
} as const;
