import {
  BrowserClient,
  defaultStackParser,
  linkedErrorsIntegration,
  makeFetchTransport,
  Scope,
} from '@sentry/svelte';
import type { SeenCall } from '../../../../shared/client/client.ts';
import { pageNameOf } from '../../../../shared/contracts/page-name.ts';
import { permitted } from '../../../../shared/telemetry/permitted-report.ts';
import { lastVersionOf } from '../remotes/broken.ts';
import { remoteOf } from '../remotes/parts.ts';

/** Set by the build, see mfes/config.ts. */
declare const PAYLOOM_RELEASE: string;

/** A defect as the page noticed it, with the last call that had an answer by then. */
export type Report = { error: unknown; path: string; userId: string | null; call: SeenCall | null };

/** Where defects are reported. */
export type ReportTarget = { dsn: string; environment: string };

/**
 * Returns the function that sends a defect of a page: which page and micro-frontend of which version, the
 * user's id, request and trace. The library's own listeners, breadcrumbs and page data stay off.
 */
export const startSentry = ({ dsn, environment }: ReportTarget): ((report: Report) => void) => {
  const client = new BrowserClient({
    dsn,
    environment,
    release: PAYLOOM_RELEASE,
    transport: makeFetchTransport,
    stackParser: defaultStackParser,
    integrations: [linkedErrorsIntegration()],
    sendClientReports: false,
    // Otherwise the server could note the address of the browser.
    sendDefaultPii: false,
    beforeSend: permitted,
  });
  client.init();
  return ({ error, path, userId, call }) => {
    const found = remoteOf(error);
    const remote = found?.name ?? 'shell';
    const scope = new Scope();
    scope.setTags({
      service: 'web',
      page: pageNameOf(path),
      remote,
      remote_version: found?.version ?? lastVersionOf(remote),
      request_id: call?.requestId ?? undefined,
    });
    if (userId) scope.setUser({ id: userId });
    if (call) scope.setContext('trace', { trace_id: call.traceId, span_id: call.traceId.slice(16) });
    client.captureException(error, { mechanism: { type: 'page', handled: false } }, scope);
  };
};
