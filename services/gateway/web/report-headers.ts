import type { ReportTarget } from '../../../broker/process/sentry-settings.ts';
import type { FlatHeaders } from '../http/security-headers.ts';

/** Where pages may connect to, as a content security policy names it. */
export const connectSources = (target: ReportTarget | null): string =>
  target === null ? "'self'" : `'self' ${new URL(target.dsn).origin}`;

/**
 * `Server-Timing`: the only header of its own response that a page can read
 * (mfes/shell/src/errors/reports.ts), so that no request is needed to ask where defects are reported.
 */
export const serverTiming = (target: ReportTarget | null): string =>
  target === null ? '' : `sentry;desc="${target.dsn}", environment;desc="${target.environment}"`;

export const reportHeaders = (target: ReportTarget | null): FlatHeaders =>
  target === null ? [] : ['Server-Timing', serverTiming(target)];
