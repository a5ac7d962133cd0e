import type { SeenCall } from '../../../../shared/client/client.ts';
import { isProblem, isUnreachable } from '../../../../shared/client/problem.ts';
import { whenIdle } from '../live/when-idle.ts';
import type { Report, ReportTarget } from './sentry.ts';

/** A page that fails again and again says nothing new. */
const REPORTS_MAX = 20;

const waiting: Report[] = [];
let left = REPORTS_MAX;
let lastCall: SeenCall | null = null;
let userId = (): string | null => null;
let flush: (() => void) | null = null;

/** Notes a call, because an error often follows from what it has answered. */
export const noteCall = (call: SeenCall): void => void (lastCall = call);

/** What the server has answered, and what a network or a page that is left gives up, is no defect. */
const isExpected = (error: unknown): boolean =>
  !navigator.onLine ||
  isUnreachable(error) ||
  isProblem(error) ||
  (error instanceof DOMException && /^(?:Abort|Timeout)Error$/.test(error.name));

/** Reports a defect, or keeps it until what sends it is loaded. */
export const report = (error: unknown): void => {
  if (left === 0 || isExpected(error)) return;
  left -= 1;
  waiting.push({ error, path: location.pathname, userId: userId(), call: lastCall });
  flush?.();
};

/**
 * Where defects are reported, as the response with the page says: `Server-Timing` is the only header of its
 * own response that a page can read.
 */
const targetOf = (): ReportTarget | null => {
  const [page] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  const given = (name: string) => page?.serverTiming?.find((one) => one.name === name)?.description;
  const dsn = given('sentry');
  return dsn ? { dsn, environment: given('environment') ?? '' } : null;
};

/**
 * Loads what sends reports when the page has what it needs for itself; nothing where no target is named.
 * @param currentUserId the id of the signed-in user
 */
export const startReports = (currentUserId: () => string | null): void => {
  userId = currentUserId;
  const target = targetOf();
  if (target === null) {
    left = 0;
    return;
  }
  const load = (): void => {
    flush = null;
    import('./sentry.ts')
      .then(({ startSentry }) => {
        const send = startSentry(target);
        flush = () => waiting.splice(0).forEach(send);
        flush();
      })
      // A browser may remember that a file failed: what is thrown until the next page load is lost.
      .catch(() => (left = 0));
  };
  // A page that breaks at its start may be left before it is idle.
  flush = load;
  whenIdle(() => flush === load && load());
};
