import * as z from 'zod/mini';
import { instant } from '../fields.ts';
import { userId } from '../ids.ts';

/** What an export holds, in this order. */
export const EXPORT_SECTIONS = ['account', 'sessions', 'profile', 'notifications', 'payments'] as const;

/** How long an export can be downloaded. */
export const EXPORT_KEPT_MS = 24 * 3_600_000;

export const dataExport = z.object({
  state: z.enum(['running', 'ready', 'failed']),
  requestedAt: instant,
  /** How many sections are complete. */
  sectionsDone: z.int(),
  sections: z.int(),
  /** Sessions, notifications and payments so far. */
  items: z.int(),
  sizeBytes: z.int(),
  /** When the file is deleted; null until it is ready. */
  expiresAt: z.nullable(instant),
});
export type DataExport = z.output<typeof dataExport>;

export const dataExportActions = {
  exportData: {
    summary: 'Start an export of everything that is stored about you; it replaces an earlier one',
    http: { route: 'POST /api/profile/export', status: 201, location: '/api/profile/export' },
    permission: 'signed-in',
    params: z.strictObject({}),
    result: dataExport,
    errors: ['export_running'],
    idempotent: 'no',
    limit: { perAccountPerMinute: 6 },
  },
  dataExport: {
    summary: 'How far your export is; null without one',
    http: { route: 'GET /api/profile/export' },
    permission: 'signed-in',
    params: z.strictObject({}),
    result: z.object({ export: z.nullable(dataExport) }),
    errors: [],
    idempotent: 'read',
  },
  downloadExport: {
    summary: 'Your export, as a file',
    http: {
      route: 'GET /api/profile/export.json',
      download: { type: 'application/json', name: 'payloom-data.json' },
    },
    permission: 'signed-in',
    params: z.strictObject({ cursor: z.optional(z.string().check(z.maxLength(20))) }),
    result: z.object({ text: z.string(), nextCursor: z.nullable(z.string()) }),
    errors: ['export_not_ready', 'invalid_cursor'],
    idempotent: 'read',
    limit: { perAccountPerMinute: 30 },
  },
} as const;

export const dataExportEvents = {
  exportRequested: {
    summary: 'A user asked for an export of all data about him or her',
    version: 1,
    subscribers: ['admin'],
    payload: z.object({ userId, at: instant }),
  },
  exportFinished: {
    summary: 'An export can be downloaded, or has failed for good',
    version: 1,
    subscribers: ['admin', 'realtime'],
    payload: z.object({ userId, state: z.enum(['ready', 'failed']), sizeBytes: z.int(), at: instant }),
  },
} as const;
