import { onCLS, onINP, onLCP, onTTFB, type Metric } from 'web-vitals';
import type { SeenCall } from '../client/client.ts';
import type { Sample } from '../contracts/analytics.ts';
import { RECORD_PATH, SAMPLES_MAX } from '../contracts/measuring.ts';
import { pageNameOf } from '../contracts/page-name.ts';
import { listen, type Observed } from './observed.ts';

const SEND_MS = 20_000;
/** A page's own calls begin in its first seconds; what comes later follows an act or a change. */
const LOADING_MS = 5_000;
/** A call that begins so soon after another one has ended has waited for it. */
const AFTER_MS = 50;

/** A page as it was opened, with the calls of its first seconds; null once they are counted. */
type View = { page: string; startMs: number; calls: SeenCall[] | null };

const filesAfter = (seen: number): PerformanceResourceTiming[] =>
  (performance.getEntriesByType('resource') as PerformanceResourceTiming[]).slice(seen);

const outcomeOf = (status: number | null): string =>
  status === null ? 'unreachable' : status < 400 ? 'ok' : status < 500 ? 'refused' : 'failed';

/** How many calls a view has made, how many of them waited for another one, and how many were repeated. */
const samplesOf = (of: string, calls: readonly SeenCall[]): Sample[] => {
  const waited = ({ startMs }: SeenCall) =>
    calls.some(({ endMs }) => endMs <= startMs && endMs > startMs - AFTER_MS);
  const reads = calls.map(({ request }) => request).filter((request) => request.startsWith('GET'));
  return [
    { kind: 'view', of, value: calls.length },
    { kind: 'waterfall', of, value: calls.filter(waited).length },
    { kind: 'repeat', of, value: reads.length - new Set(reads).size },
  ];
};

/**
 * Measures from now on, and sends: nothing about the user, no id, pages and actions by name.
 * @param mayMeasure asked before anything is sent; null while that is not known, false drops all
 */
export const startExperience = (mayMeasure: () => boolean | null): void => {
  const queue: Sample[] = [];
  const vitals = new Set<string>();
  const views: View[] = [{ page: pageNameOf(location.pathname), startMs: 0, calls: [] }];
  let files = 0;
  let offlineMs = 0;

  const add = (kind: Sample['kind'], of: string, value: number, detail?: string): void => {
    queue.push({ kind, of, value, detail });
  };
  const viewAt = (atMs: number): View => views.findLast(({ startMs }) => startMs <= atMs) as View;

  /** Once for each view. */
  const close = (): void => {
    const view = views.at(-1) as View;
    if (view.calls) queue.push(...samplesOf(view.page, view.calls));
    view.calls = null;
  };

  const take = (what: Observed): void => {
    if (what.kind === 'called') {
      const { action, startMs, endMs, status } = what.call;
      add('call', action, endMs - startMs, outcomeOf(status));
      const view = viewAt(startMs);
      if (startMs < view.startMs + LOADING_MS) view.calls?.push(what.call);
    } else if (what.kind === 'opened') {
      close();
      views.push({ page: pageNameOf(what.path), startMs: what.atMs, calls: [] });
    } else if (what.kind === 'thrown') add('error', viewAt(what.atMs).page, 1);
    else queue.push(what.sample);
  };

  /** A value that grows after it was sent, because the hidden page came back, is not sent again. */
  const takeVital = ({ id, name, value, entries }: Metric): void => {
    if (!vitals.has(id)) add(name.toLowerCase() as 'lcp', viewAt(entries.at(-1)?.startTime ?? 0).page, value);
    vitals.add(id);
  };

  const send = (): void => {
    const may = mayMeasure();
    if (may === null) return;
    if (!may) queue.length = 0;
    for (const { name, duration, transferSize } of filesAfter(files)) {
      files += 1;
      const [isOurs, remote] = /\/(?:mfes\/(\w+)|assets)\//.exec(name) ?? [];
      if (isOurs) add('file', remote ?? 'shell', duration, transferSize ? 'loaded' : 'cached');
    }
    while (may && queue.length) {
      const body = JSON.stringify({ samples: queue.splice(0, SAMPLES_MAX) });
      navigator.sendBeacon(RECORD_PATH, new Blob([body], { type: 'application/json' }));
    }
  };

  listen(take);
  [onLCP, onINP, onCLS, onTTFB].forEach((on) => on(takeVital));
  setInterval(send, SEND_MS);
  const on = globalThis.addEventListener;
  // A hidden page may never come back.
  on('visibilitychange', () => {
    if (!document.hidden) return;
    close();
    send();
  });
  on('pagehide', send);
  on('offline', () => (offlineMs = performance.now()));
  on('online', () => {
    if (offlineMs) add('offline', 'all', performance.now() - offlineMs);
    offlineMs = 0;
  });
};
