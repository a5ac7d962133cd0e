import type { Readiness } from '../../../broker/process/health.ts';
import type { Serve } from './exchange.ts';
import type { Respond } from './respond.ts';

/** Live: the process responds. Ready: all its checks pass; else 503 with the checks that fail. */
export const serveHealth = (
  readiness: () => Promise<Readiness>,
  respond: Respond,
): Record<string, Serve> => ({
  '/health/live': ({ response, requestId }) => respond.json(response, requestId, 200, { status: 'ok' }),
  '/health/ready': ({ response, requestId }) => {
    readiness().then(
      ({ ok, checks }) =>
        respond.json(response, requestId, ok ? 200 : 503, { status: ok ? 'ready' : 'not ready', checks }),
      (error: unknown) => respond.problem(response, requestId, error),
    );
  },
});
