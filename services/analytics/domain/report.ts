import {
  THRESHOLDS,
  VITALS,
  type Experience,
  type ExperienceDay,
  type FigureKind,
  type PageFigures,
  type RemoteExperience,
  type RouteFigures,
  type Vital,
  type VitalFigure,
} from '../../../shared/contracts/analytics.ts';
import type { DailyFigure } from './collect.ts';
import { countOf, emptyHistogram, merged, quantile, type Histogram } from './histogram.ts';
import { KINDS } from './kinds.ts';

/** Figures of a period. Rows of a scheme that is no longer in use are left out. */
export type Sum = Omit<DailyFigure, 'day'>;

const P75 = 0.75;

const sumOf = (
  kind: FigureKind,
  rows: readonly (Histogram & { kind: string; scheme: string })[],
): Histogram => {
  const { scheme } = KINDS[kind];
  return rows
    .filter((row) => row.kind === kind && row.scheme === scheme)
    .reduce<Histogram>(merged, emptyHistogram(scheme));
};
const quantileOf = (kind: FigureKind, histogram: Histogram, share: number): number | null =>
  quantile(KINDS[kind].scheme, histogram, share);

const vitalOf = (kind: Vital, rows: Parameters<typeof sumOf>[1]): VitalFigure => {
  const histogram = sumOf(kind, rows);
  const p75 = quantileOf(kind, histogram, P75);
  const { good, poor } = THRESHOLDS[kind];
  const rating = p75 === null ? null : p75 <= good ? 'good' : p75 <= poor ? 'needs-improvement' : 'poor';
  return { p75, samples: countOf(histogram), rating };
};
const vitalsOf = (rows: Parameters<typeof sumOf>[1]): Record<Vital, VitalFigure> =>
  Object.fromEntries(VITALS.map((kind) => [kind, vitalOf(kind, rows)])) as Record<Vital, VitalFigure>;

const bySubject = (rows: readonly Sum[]): [string, Sum[]][] => [
  ...Map.groupBy(rows, ({ subject }) => subject),
];

const pageOf = ([page, rows]: [string, Sum[]]): PageFigures => {
  const view = sumOf('view', rows);
  const views = countOf(view);
  const perView = ({ total }: Histogram): number => (views === 0 ? 0 : total / views);
  return {
    page,
    views,
    ...vitalsOf(rows),
    callsPerView: perView(view),
    waterfallsPerView: perView(sumOf('waterfall', rows)),
    repeatsPerView: perView(sumOf('repeat', rows)),
    errors: countOf(sumOf('error', rows)),
  };
};

const routeOf = ([action, rows]: [string, Sum[]]): RouteFigures => {
  const all = sumOf('call', rows);
  const having = (...details: string[]): number =>
    countOf(
      sumOf(
        'call',
        rows.filter(({ detail }) => details.includes(detail)),
      ),
    );
  return {
    action,
    calls: countOf(all),
    p75Ms: quantileOf('call', all, P75),
    p95Ms: quantileOf('call', all, 0.95),
    refused: having('refused'),
    failed: having('failed', 'unreachable'),
  };
};

const PAGE_KINDS: readonly FigureKind[] = [...VITALS, 'view', 'waterfall', 'repeat', 'error'];
export const EXPERIENCE_KINDS: readonly FigureKind[] = [...PAGE_KINDS, 'call', 'connect', 'drop', 'offline'];
export const DAY_KINDS: readonly FigureKind[] = [...VITALS, 'view', 'error'];
export const REMOTE_KINDS: readonly FigureKind[] = ['remote', 'remote-failed', 'file'];

export const experienceOf = (rows: readonly Sum[]): Omit<Experience, 'fromDay' | 'toDay'> => {
  const connect = sumOf('connect', rows);
  const drop = sumOf('drop', rows);
  const offline = sumOf('offline', rows);
  const ofPages = rows.filter(({ kind }) => PAGE_KINDS.includes(kind));
  const ofRoutes = rows.filter(({ kind }) => kind === 'call');
  return {
    pages: bySubject(ofPages)
      .map(pageOf)
      .sort((a, b) => b.views - a.views || a.page.localeCompare(b.page)),
    routes: bySubject(ofRoutes)
      .map(routeOf)
      .sort((a, b) => (b.p75Ms ?? 0) - (a.p75Ms ?? 0) || a.action.localeCompare(b.action)),
    sockets: {
      connects: countOf(connect),
      connectP75Ms: quantileOf('connect', connect, P75),
      drops: countOf(drop),
      downMs: drop.total,
    },
    offline: { times: countOf(offline), totalMs: offline.total },
  };
};

export const daysOf = (
  days: readonly string[],
  rows: readonly Omit<DailyFigure, 'subject' | 'detail'>[],
): ExperienceDay[] => {
  const byDay = Map.groupBy(rows, ({ day }) => day);
  return days.map((day) => {
    const ofDay = byDay.get(day) ?? [];
    return {
      day,
      views: countOf(sumOf('view', ofDay)),
      errors: countOf(sumOf('error', ofDay)),
      ...vitalsOf(ofDay),
    };
  });
};

type LastDay = { subject: string; detail: string; lastDay: string };

export const remotesOf = (rows: readonly Sum[], lastDays: readonly LastDay[]): RemoteExperience[] =>
  bySubject(rows)
    .map(([remote, ofRemote]) => {
      const fromCache = ofRemote.filter(({ detail }) => detail === 'cached');
      const files = countOf(sumOf('file', ofRemote));
      const versions = lastDays
        .filter(({ subject }) => subject === remote)
        .map(({ detail: version, lastDay }) => {
          const ofVersion = ofRemote.filter(({ detail }) => detail === version);
          const loaded = sumOf('remote', ofVersion);
          return {
            version,
            lastDay,
            loads: countOf(loaded),
            p75Ms: quantileOf('remote', loaded, P75),
            failures: countOf(sumOf('remote-failed', ofVersion)),
          };
        })
        .sort((a, b) => b.lastDay.localeCompare(a.lastDay) || b.loads - a.loads);
      return {
        remote,
        cachedShare: files === 0 ? null : countOf(sumOf('file', fromCache)) / files,
        versions,
      };
    })
    .sort((a, b) => a.remote.localeCompare(b.remote));
