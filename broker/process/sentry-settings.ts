import * as z from 'zod/mini';

/** The address of a project: https://KEY@HOST/PROJECT; empty for none. */
export const sentryDsn = z._default(
  z.string().check(
    z.regex(/^(https?:\/\/\w+@[\w.:[\]-]+(\/[\w.-]+)*\/\d+)?$/, {
      error: 'must be https://KEY@HOST/PROJECT',
    }),
  ),
  '',
);

/** The environment that is shown with a defect; empty for that of NODE_ENV. */
export const sentryEnvironment = z._default(
  z.string().check(z.regex(/^[\w.-]{0,64}$/, { error: 'must be a name such as production' })),
  '',
);

/** Where defects are reported, and as what; null for nowhere. */
export type ReportTarget = { dsn: string; environment: string };

export const reportTarget = (
  dsn: string,
  { SENTRY_ENVIRONMENT, NODE_ENV }: { SENTRY_ENVIRONMENT: string; NODE_ENV?: string | undefined },
): ReportTarget | null =>
  dsn === '' ? null : { dsn, environment: SENTRY_ENVIRONMENT || NODE_ENV || 'development' };
