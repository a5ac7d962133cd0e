import { observed } from '../../../../shared/telemetry/observed.ts';
import { isShown } from '../../../../shared/ui/report-shown.ts';
import { toast } from '../../../../shared/ui/toasts.svelte.ts';
import { reloadOf } from '../remotes/parts.ts';
import { session } from '../session/session.svelte.ts';
import { report, startReports } from './reports.ts';

const QUIET_MS = 5_000;
let lastAtMs = -Infinity;

const notice = (error: unknown): void => {
  // Some browsers report a layout notice as an error without a value, and an aborted call is meant.
  if (error === null || error === undefined) return;
  if (error instanceof DOMException && error.name === 'AbortError') return;
  observed({ kind: 'thrown', atMs: performance.now() });
  report(error);
  if (isShown(error) || performance.now() - lastAtMs < QUIET_MS) return;
  lastAtMs = performance.now();
  const reload = reloadOf(error);
  if (reload)
    toast('error', 'Something on this page did not work.', { label: 'Load this part again', run: reload });
  else toast('error', 'Something went wrong on this page. If it does not react, load it again.');
};

/**
 * Errors of event handlers, effects and promises reach no boundary; they are shown as a toast, at most one
 * per interval. All that is thrown is also counted and reported.
 */
export const noticeFailures = (): void => {
  addEventListener('error', ({ error }) => notice(error));
  addEventListener('unhandledrejection', ({ reason }) => notice(reason));
  startReports(() => session.user?.id ?? null);
};
