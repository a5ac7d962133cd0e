import { hash } from 'node:crypto';
import * as z from 'zod/mini';
import { csvOf } from '../../../broker/calls/csv.ts';
import { readCursor, writeCursor } from '../../../broker/postgres/cursors.ts';
import type { Plannable } from '../../../broker/postgres/database.ts';
import type { DownloadPart } from '../../../shared/contracts/contract.ts';
import { toDecimal } from '../../../shared/contracts/money.ts';
import { PAYMENT_STATUSES } from '../../../shared/contracts/payments.ts';
import type { ReportFilters } from '../../../shared/contracts/payments/reports.ts';
import type { PeriodSums } from '../domain/report.ts';
import { readPeriods, readSums, type ReportScope } from '../persistence/read-report.ts';

const COLUMNS = ['period', 'currency', 'status', 'payments', 'amount'] as const;

/** Periods of a part: with all currencies and statuses some 300 KB. */
const PART = 50;

const fingerprint = (filters: ReportFilters): string =>
  hash('sha256', JSON.stringify(Object.entries(filters).sort()), 'base64url').slice(0, 12);

const firstOf = (filters: ReportFilters, cursor: string | undefined): number => {
  if (cursor === undefined) return 0;
  const ofThisReport = z.refine<readonly unknown[]>(([print]) => print === fingerprint(filters));
  return readCursor(cursor, z.tuple([z.string(), z.int().check(z.gte(1))]).check(ofThisReport))[1];
};

const linesOf = (day: string, { currency, statuses }: PeriodSums) =>
  PAYMENT_STATUSES.flatMap((status) => {
    const sum = statuses[status];
    if (!sum) return [];
    const amount = toDecimal({ amountMinor: sum.amountMinor, currency });
    return [{ period: day, currency, status, payments: sum.count, amount }];
  });

/**
 * A part of a report as CSV: a line for each period, currency and status that has payments.
 * @throws AppError `invalid_cursor`
 */
export const reportCsvPart = async (
  db: Plannable,
  scope: ReportScope,
  { cursor, ...filters }: ReportFilters & { cursor?: string | undefined },
): Promise<DownloadPart> => {
  const first = firstOf(filters, cursor);
  const all = await readPeriods(db, filters);
  const periods = all.slice(first, first + PART);
  const rows = periods.length === 0 ? [] : await readSums(db, scope, periods);
  const lines = rows.flatMap((row) => linesOf(periods[row.period - 1]?.day ?? '', row));
  const next = first + PART;
  return {
    text: csvOf(COLUMNS, lines, first === 0),
    nextCursor: next < all.length ? writeCursor([fingerprint(filters), next]) : null,
  };
};
