import { observed } from '../../../../shared/telemetry/observed.ts';
import { toast } from '../../../../shared/ui/toasts.svelte.ts';

const QUIET_MS = 5_000;
let lastAtMs = -Infinity;

/** Errors that a card on the page shows already. */
const shown = new WeakSet<object>();

/** Reports an error that the page shows in its place, so that no note says it a second time. */
export const reportShown = (error: unknown): void => {
  if (error instanceof Error) shown.add(error);
  reportError(error);
};

const notify = (error: unknown): void => {
  // Some browsers report a layout notice as an error, and an aborted call is meant.
  if (!(error instanceof Error) || error.name === 'AbortError' || shown.has(error)) return;
  observed({ kind: 'thrown', atMs: performance.now() });
  if (performance.now() - lastAtMs < QUIET_MS) return;
  lastAtMs = performance.now();
  toast('error', 'Something went wrong on this page. If it does not react, load it again.');
};

/**
 * Errors of event handlers and promises reach no boundary; they are shown as a toast, at most one per
 * interval.
 */
export const noticeFailures = (): (() => void) => {
  const thrown = (event: ErrorEvent): void => notify(event.error);
  const rejected = (event: PromiseRejectionEvent): void => notify(event.reason);
  addEventListener('error', thrown);
  addEventListener('unhandledrejection', rejected);
  return () => {
    removeEventListener('error', thrown);
    removeEventListener('unhandledrejection', rejected);
  };
};
