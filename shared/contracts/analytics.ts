import * as z from 'zod/mini';
import { contract } from './contract.ts';
import { RECORD_PATH, SAMPLES_MAX } from './measuring.ts';

/** What a browser measures; `services/analytics/domain/kinds.ts` says of what and in which unit. */
export const FIGURE_KINDS = [
  'lcp',
  'inp',
  'cls',
  'ttfb',
  'view',
  'waterfall',
  'repeat',
  'error',
  'call',
  'remote',
  'remote-failed',
  'file',
  'connect',
  'drop',
  'offline',
] as const;
export type FigureKind = (typeof FIGURE_KINDS)[number];

/** How a call ended, as the browser saw it: an answer, a 4xx, a 5xx, or none. */
export const CALL_OUTCOMES = ['ok', 'refused', 'failed', 'unreachable'] as const;

/** Where a file came from. */
export const FILE_SOURCES = ['cached', 'loaded'] as const;

export const VITALS = ['lcp', 'inp', 'cls', 'ttfb'] as const;
export type Vital = (typeof VITALS)[number];

/**
 * Up to `good` a value is good, above `poor` poor (https://web.dev/articles/vitals,
 * https://web.dev/articles/ttfb); CLS is a score, the others are milliseconds.
 */
export const THRESHOLDS: Readonly<Record<Vital, { good: number; poor: number }>> = {
  lcp: { good: 2_500, poor: 4_000 },
  inp: { good: 200, poor: 500 },
  cls: { good: 0.1, poor: 0.25 },
  ttfb: { good: 800, poor: 1_800 },
};

/** A beacon may have 64 KiB. */
const BATCH_MAX_BYTES = 16 * 1_024;

export const sample = z.strictObject({
  kind: z.enum(FIGURE_KINDS, { error: 'must be a kind of figure' }),
  of: z.string().check(z.maxLength(64)),
  value: z.number().check(z.gte(0), z.lte(86_400_000)),
  detail: z.optional(z.string().check(z.maxLength(32))),
});
export type Sample = z.output<typeof sample>;

const PERIODS = ['7', '28', '90'] as const;
export type Period = (typeof PERIODS)[number];
const days = z._default(z.enum(PERIODS, { error: `must be one of ${PERIODS.join(', ')}` }), '28');

const ms = z.nullable(z.number());

export const vital = z.object({
  /** Three of four visits were at most this; null without a sample. */
  p75: z.nullable(z.number()),
  samples: z.int(),
  rating: z.nullable(z.enum(['good', 'needs-improvement', 'poor'])),
});
export type VitalFigure = z.output<typeof vital>;
const vitals = { lcp: vital, inp: vital, cls: vital, ttfb: vital };

export const pageFigures = z.object({
  page: z.string(),
  views: z.int(),
  ...vitals,
  callsPerView: z.number(),
  waterfallsPerView: z.number(),
  repeatsPerView: z.number(),
  errors: z.int(),
});
export type PageFigures = z.output<typeof pageFigures>;

export const routeFigures = z.object({
  action: z.string(),
  calls: z.int(),
  p75Ms: ms,
  p95Ms: ms,
  refused: z.int(),
  failed: z.int(),
});
export type RouteFigures = z.output<typeof routeFigures>;

export const experience = z.object({
  fromDay: z.string(),
  toDay: z.string(),
  /** Pages with figures, the most viewed first. */
  pages: z.array(pageFigures),
  /** Routes with figures, the slowest first. */
  routes: z.array(routeFigures),
  sockets: z.object({ connects: z.int(), connectP75Ms: ms, drops: z.int(), downMs: z.number() }),
  offline: z.object({ times: z.int(), totalMs: z.number() }),
});
export type Experience = z.output<typeof experience>;

export const experienceDay = z.object({
  day: z.string(),
  views: z.int(),
  errors: z.int(),
  ...vitals,
});
export type ExperienceDay = z.output<typeof experienceDay>;

export const remoteVersion = z.object({
  version: z.string(),
  lastDay: z.string(),
  loads: z.int(),
  p75Ms: ms,
  failures: z.int(),
});

export const remoteExperience = z.object({
  remote: z.string(),
  /** The shares of files that came out of the browser's cache; null without a file. */
  cachedShare: z.nullable(z.number()),
  /** The newest first. */
  versions: z.array(remoteVersion),
});
export type RemoteExperience = z.output<typeof remoteExperience>;

/** Figures of all users together, without anything about one of them: reading them needs no record. */
const figures = {
  permission: ['ADMIN'],
  errors: [],
  idempotent: 'read',
  recorded: false,
} as const;

/** What users’ browsers measure, kept as figures of a day: who measured is neither sent nor kept. */
export const analytics = contract('analytics', {
  actions: {
    record: {
      summary: 'Figures that a browser has measured, from users who agreed to it',
      http: {
        route: `POST ${RECORD_PATH}`,
        status: 204,
        bodyMaxBytes: BATCH_MAX_BYTES,
        ownPagesOnly: true,
      },
      permission: 'anyone',
      params: z.strictObject({
        samples: z.array(sample).check(z.minLength(1), z.maxLength(SAMPLES_MAX)),
      }),
      result: z.object({}),
      errors: [],
      idempotent: 'no',
      // An office behind one address; a page sends at most once in ten seconds.
      limit: { perAddressPerMinute: 600 },
    },
    experience: {
      ...figures,
      summary: 'How pages, routes and connections were for users',
      http: { route: 'GET /api/admin/experience', revalidated: true },
      params: z.strictObject({ days }),
      result: experience,
    },
    experienceByDay: {
      ...figures,
      summary: 'The web vitals of each day, of all pages or of one',
      http: { route: 'GET /api/admin/experience/days' },
      params: z.strictObject({ days, page: z.optional(z.string().check(z.maxLength(64))) }),
      result: z.object({ items: z.array(experienceDay) }),
    },
    remoteExperience: {
      ...figures,
      summary: 'How micro-frontends loaded for users, by version',
      http: { route: 'GET /api/admin/experience/remotes' },
      params: z.strictObject({ days }),
      result: z.object({ items: z.array(remoteExperience) }),
    },
  },
  events: {},
});
