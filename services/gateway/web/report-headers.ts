import type { ReportTarget } from '../../../broker/process/sentry-settings.ts';
import type { FlatHeaders } from '../http/security-headers.ts';

/** Where pages may connect to, as a content security policy names it. */
export const connectSources = (target: ReportTarget | null): string =>
  target === null ? "'self'" : `'self' ${new URL(target.dsn).origin}`;

/**
 * `Server-Timing`: the only header of its own response that a page can read
 * (mfes/shell/src/errors/reports.ts), so that no request is needed to ask where defects are reported, and
 * whether this is a development (mfes/shell/src/remotes/override.svelte.ts).
 */
export const serverTiming = (target: ReportTarget | null, isDevelopment = false): string =>
  [
    target === null ? [] : [`sentry;desc="${target.dsn}"`, `environment;desc="${target.environment}"`],
    isDevelopment ? ['development'] : [],
  ]
    .flat()
    .join(', ');

export const timingHeaders = (target: ReportTarget | null, isDevelopment: boolean): FlatHeaders => {
  const timing = serverTiming(target, isDevelopment);
  return timing === '' ? [] : ['Server-Timing', timing];
};
