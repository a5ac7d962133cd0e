import {
  captureException,
  close,
  init,
  linkedErrorsIntegration,
  onUncaughtExceptionIntegration,
  withScope,
  type ErrorEvent,
} from '@sentry/node';
import { holdsCardNumber } from '../../shared/contracts/card-numbers.ts';
import { currentRequest } from '../calls/request-context.ts';
import { reportFailuresTo } from './failures.ts';

const CLOSE_MS = 2_000;
/** How long a process in an unknown state goes on, to send why. */
const UNCAUGHT_MS = 500;
const TEXT_MAX = 2_000;
const REMOVED = '[removed]';
/** Addresses, and what is as long as a token, a key or a hash. */
const PERSONAL = /[^\s@"'(<]+@[^\s@"')>]+|[\w+/=.-]{32,}/g;

/** The message of an error, which may quote what a user sent or what a database holds. */
const withoutPersonalData = (text: string): string =>
  holdsCardNumber(text) ? REMOVED : text.slice(0, TEXT_MAX).replaceAll(PERSONAL, REMOVED);

/**
 * What is sent of an event: a list of what may be, so that a new version of the library adds nothing. Of a
 * user only the id.
 */
const permitted = (event: ErrorEvent): ErrorEvent => ({
  type: undefined,
  event_id: event.event_id,
  timestamp: event.timestamp,
  platform: event.platform,
  level: event.level,
  release: event.release,
  environment: event.environment,
  tags: event.tags,
  user: event.user?.id === undefined ? undefined : { id: event.user.id },
  contexts: { trace: event.contexts?.trace },
  exception: {
    values: event.exception?.values?.map(({ type, value = '', mechanism, stacktrace }) => ({
      type,
      value: withoutPersonalData(value),
      mechanism: mechanism && { type: mechanism.type, handled: mechanism.handled },
      stacktrace: { frames: stacktrace?.frames?.map(({ vars: _, ...frame }) => frame) },
    })),
  },
});

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
