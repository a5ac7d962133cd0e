import * as z from 'zod/mini';
import { currency, instant, timeZone, wholeDay } from '../fields.ts';
import { userId } from '../ids.ts';
import { paymentStatus } from './status.ts';

export const REPORT_GROUPS = ['day', 'week', 'month'] as const;
export type ReportGroup = (typeof REPORT_GROUPS)[number];

/** The most periods that one report has. */
export const REPORT_PERIODS_MAX = 400;

const filters = z.strictObject({
  from: wholeDay,
  /** Exclusive. */
  to: wholeDay,
  timeZone: z._default(timeZone, 'UTC'),
  group: z._default(z.enum(REPORT_GROUPS, { error: `must be one of ${REPORT_GROUPS.join(', ')}` }), 'day'),
  currency: z.optional(currency),
  status: z.optional(paymentStatus),
  payee: z.optional(userId),
});
export type ReportFilters = z.output<typeof filters>;

/** How many payments, and their sum in the currency's minor units. */
export const sum = z.object({ count: z.int(), amountMinor: z.int() });
export type Sum = z.output<typeof sum>;

/** Payments of one currency by their status now; a status without payments is left out. */
const sums = z.partialRecord(paymentStatus, sum);

export const currencyReport = z.object({
  currency,
  statuses: sums,
  /** Completed ones among those that completed or failed, from 0 to 1; null where there are none. */
  successRate: z.nullable(z.number()),
  /** Of those that completed, rounded; null where there are none. */
  averageMinor: z.nullable(z.int()),
});
export type CurrencyReport = z.output<typeof currencyReport>;

/** Failed payments of one currency and reason; to vendors the reason is always `payment_failed`. */
export const failureSum = z.extend(sum, { currency, code: z.string() });

export const paymentReport = z.object({
  /** Midnight of the first day, and of the day after the last. */
  fromAt: instant,
  toAt: instant,
  currencies: z.array(currencyReport),
  /** All periods, also empty ones; weeks begin on Monday. The first and the last may be cut off. */
  periods: z.array(z.object({ day: z.string(), sums: z.array(z.object({ currency, statuses: sums })) })),
  failures: z.array(failureSum),
});
export type PaymentReport = z.output<typeof paymentReport>;

const described = {
  permission: ['VENDOR', 'ADMIN'],
  errors: [],
  idempotent: 'read',
} as const;

export const reportActions = {
  report: {
    summary: 'Sums of the payments that you received, by period and currency; of all for administrators',
    http: { route: 'GET /api/reports/payments', revalidated: true },
    ...described,
    params: filters,
    result: paymentReport,
    limit: { perAccountPerMinute: 300 },
    cache: {
      keys: ['caller', 'from', 'to', 'timeZone', 'group', 'currency', 'status', 'payee'],
      lifetimeS: 60,
      clearedBy: ['created', 'processing', 'completed', 'failed', 'cancelled'].map((change) => ({
        event: `payments.${change}`,
        callers: ['payeeId'],
      })),
    },
  },
  exportReport: {
    summary: 'The sums of a report as CSV, for spreadsheets',
    http: {
      route: 'GET /api/reports/payments.csv',
      download: { type: 'text/csv; charset=utf-8', name: 'payments-report.csv' },
    },
    ...described,
    params: z.extend(filters, { cursor: z.optional(z.string().check(z.maxLength(200))) }),
    result: z.object({ text: z.string(), nextCursor: z.nullable(z.string()) }),
    errors: ['invalid_cursor'],
    limit: { perAccountPerMinute: 30 },
  },
} as const;
