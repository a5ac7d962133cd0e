import type { Readiness } from '../../../broker/process/health.ts';
import type { Serve } from './exchange.ts';
import type { Respond } from './respond.ts';

const RETRY_SOON = ['Retry-After', '1'];

/** Live: the process responds. Ready: all its checks pass; else 503 with the checks that fail. */
export const serveHealth = (
  readiness: () => Promise<Readiness>,
  respond: Respond,
): Record<string, Serve> => ({
  '/health/live': ({ response, requestId }) => respond.json(response, requestId, 200, { status: 'ok' }),
  '/health/ready': ({ response, requestId }) => {
    readiness().then(
      ({ ok, checks }) =>
        ok
          ? respond.json(response, requestId, 200, { status: 'ready', checks })
          : respond.json(response, requestId, 503, { status: 'not ready', checks }, RETRY_SOON),
      (error: unknown) => respond.problem(response, requestId, error),
    );
  },
});
