import { Counter, Histogram } from 'prom-client';
import type { Figure } from './domain/kinds.ts';

const SECONDS = [0.05, 0.1, 0.2, 0.5, 0.8, 1.8, 2.5, 4, 10];

const vitals = new Histogram({
  name: 'payloom_experience_vital_seconds',
  help: 'LCP, INP and TTFB as browsers measured them, by page',
  labelNames: ['vital', 'page'],
  buckets: SECONDS,
});
const shifts = new Histogram({
  name: 'payloom_experience_layout_shift_score',
  help: 'Cumulative layout shift as browsers measured it, by page',
  labelNames: ['page'],
  buckets: [0.01, 0.05, 0.1, 0.25, 0.5],
});
const calls = new Histogram({
  name: 'payloom_experience_call_seconds',
  help: 'API calls as browsers saw them, by action and outcome (ok, refused, failed, unreachable)',
  labelNames: ['action', 'outcome'],
  buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
});
const remotes = new Histogram({
  name: 'payloom_experience_remote_seconds',
  help: 'Loads of micro-frontends in browsers, by name and outcome (loaded, failed)',
  labelNames: ['remote', 'outcome'],
  buckets: SECONDS,
});
const files = new Counter({
  name: 'payloom_experience_files_total',
  help: 'Files of micro-frontends, by where browsers took them from (cached, loaded)',
  labelNames: ['remote', 'source'],
});
const views = new Counter({
  name: 'payloom_experience_views_total',
  help: 'Page views of users who agreed to measurement',
  labelNames: ['page'],
});
const errors = new Counter({
  name: 'payloom_experience_errors_total',
  help: 'Errors that no code handled, by page',
  labelNames: ['page'],
});
const connections = new Histogram({
  name: 'payloom_experience_connection_seconds',
  help: 'Sockets and network in browsers: time until the first connect, length of a drop, of being offline',
  labelNames: ['what'],
  buckets: [0.1, 0.5, 1, 5, 30, 300],
});

/** Counts one sample, whose texts are of closed lists. Versions are left out: they grow for ever. */
export const observeSample = ({ kind, subject, detail }: Figure, value: number): void => {
  const seconds = value / 1_000;
  switch (kind) {
    case 'cls':
      return shifts.observe({ page: subject }, value);
    case 'call':
      return calls.observe({ action: subject, outcome: detail }, seconds);
    case 'remote':
    case 'remote-failed':
      return remotes.observe({ remote: subject, outcome: kind === 'remote' ? 'loaded' : 'failed' }, seconds);
    case 'file':
      return files.inc({ remote: subject, source: detail });
    case 'view':
      return views.inc({ page: subject });
    case 'error':
      return errors.inc({ page: subject });
    case 'connect':
    case 'drop':
    case 'offline':
      return connections.observe({ what: kind }, seconds);
    case 'lcp':
    case 'inp':
    case 'ttfb':
      return vitals.observe({ vital: kind, page: subject }, seconds);
    case 'waterfall':
    case 'repeat':
      return undefined;
  }
};
