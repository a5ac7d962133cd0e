import { toast } from '../../../../shared/ui/toasts.svelte.ts';

const QUIET_MS = 5_000;
let lastAtMs = -Infinity;

/** Errors that a card on the page tells of already. */
const shown = new WeakSet<object>();

/** Reports an error that the page shows in its place, so that no note says it a second time. */
export const reportShown = (error: unknown): void => {
  if (error instanceof Error) shown.add(error);
  reportError(error);
};

const tell = (error: unknown): void => {
  // Some browsers report a layout notice as an error, and an aborted call is meant.
  if (!(error instanceof Error) || error.name === 'AbortError' || shown.has(error)) return;
  if (performance.now() - lastAtMs < QUIET_MS) return;
  lastAtMs = performance.now();
  toast('error', 'Something went wrong on this page. If it does not react, load it again.');
};

/** No boundary sees what an event handler or a promise throws; a person shall hear of it, once in a while. */
export const noticeFailures = (): (() => void) => {
  const thrown = (event: ErrorEvent): void => tell(event.error);
  const rejected = (event: PromiseRejectionEvent): void => tell(event.reason);
  addEventListener('error', thrown);
  addEventListener('unhandledrejection', rejected);
  return () => {
    removeEventListener('error', thrown);
    removeEventListener('unhandledrejection', rejected);
  };
};
