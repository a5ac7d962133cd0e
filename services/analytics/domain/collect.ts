import { OTHER } from '../../../shared/contracts/page-name.ts';
import { emptyHistogram, merged, withValue, type Histogram, type Scheme } from './histogram.ts';
import { KINDS, type Figure } from './kinds.ts';

/** The values of one day: a row of the table, or what is to be added to it. */
export type DailyFigure = Figure & Histogram & { day: string; scheme: Scheme };

/**
 * The most versions of one micro-frontend that are kept apart on a day; a day with more deployments is rare,
 * and made-up versions must not fill the table.
 */
const VERSIONS_MAX = 20;

export type Collected = {
  add(day: string, figure: Figure, value: number): void;
  /** All that was added since the last time, which the caller now owns. */
  take(): DailyFigure[];
  /** Takes back what could not be written. */
  putBack(rows: readonly DailyFigure[]): void;
};

const keyOf = ({ day, kind, subject, detail, scheme }: Omit<DailyFigure, keyof Histogram>): string =>
  [day, kind, subject, detail, scheme].join(' ');

/** Collects values as histograms; its size is bounded by the lists of `kinds.ts`, not by what is sent. */
export const collectFigures = (): Collected => {
  let rows = new Map<string, DailyFigure>();
  let versionsDay = '';
  const versions = new Map<string, Set<string>>();

  const bounded = (day: string, figure: Figure): Figure => {
    const { kind, subject, detail } = figure;
    if (KINDS[kind].details !== 'version' || detail === OTHER) return figure;
    if (day !== versionsDay) versions.clear();
    versionsDay = day;
    const known = versions.get(subject) ?? new Set();
    versions.set(subject, known);
    if (known.size < VERSIONS_MAX) known.add(detail);
    return known.has(detail) ? figure : { ...figure, detail: OTHER };
  };
  const put = (row: DailyFigure): void => {
    const key = keyOf(row);
    const known = rows.get(key);
    rows.set(key, known ? { ...known, ...merged(known, row) } : row);
  };

  return {
    add: (day, given, value) => {
      const figure = bounded(day, given);
      const { scheme } = KINDS[figure.kind];
      put({ day, scheme, ...figure, ...withValue(scheme, emptyHistogram(scheme), value) });
    },
    take: () => {
      const taken = [...rows.values()];
      rows = new Map();
      return taken;
    },
    putBack: (unwritten) => unwritten.forEach(put),
  };
};
