import {
  captureException,
  close,
  init,
  linkedErrorsIntegration,
  onUncaughtExceptionIntegration,
  withScope,
} from '@sentry/node';
import { permitted } from '../../shared/telemetry/permitted-report.ts';
import { currentRequest } from '../calls/request-context.ts';
import { reportFailuresTo } from './failures.ts';

const CLOSE_MS = 2_000;
/** How long a process in an unknown state goes on, to send why. */
const UNCAUGHT_MS = 500;

export type SentryOptions = { dsn: string; release: string; environment: string; services: string };

/**
 * Reports defects to a server that speaks Sentry's protocol: what actions, jobs, workers and subscribers
 * throw that is no AppError, and what nobody catches, which ends the process as without it. Returns the
 * function that sends the rest.
 */
export const startSentry = ({
  dsn,
  release,
  environment,
  services,
}: SentryOptions): (() => Promise<void>) => {
  init({
    dsn,
    release,
    environment,
    // The library's own instrumentation, breadcrumbs and request data stay off.
    defaultIntegrations: false,
    enableRuntimeChannelInjection: false,
    integrations: [
      linkedErrorsIntegration(),
      onUncaughtExceptionIntegration({ exitEvenIfOtherHandlersAreRegistered: true }),
    ],
    initialScope: { tags: { service: services } },
    sendClientReports: false,
    shutdownTimeout: UNCAUGHT_MS,
    beforeSend: permitted,
  });
  reportFailuresTo((error, source) =>
    withScope((scope) => {
      const request = currentRequest();
      scope.setTags({ ...source, request_id: request?.id ?? undefined });
      const userId = request?.origin?.caller?.userId;
      if (userId) scope.setUser({ id: userId });
      if (request?.trace) {
        const { traceId, spanId } = request.trace;
        scope.setContext('trace', { trace_id: traceId, span_id: spanId ?? traceId.slice(16) });
      }
      captureException(error, { mechanism: { type: 'action', handled: false } });
    }),
  );
  return async () => {
    reportFailuresTo(null);
    await close(CLOSE_MS);
  };
};
