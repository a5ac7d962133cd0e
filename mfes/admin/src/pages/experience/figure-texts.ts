import type { Vital, VitalFigure } from '../../../../../shared/contracts/analytics.ts';

export const VITAL_NAMES: Readonly<Record<Vital, { short: string; long: string }>> = {
  lcp: { short: 'LCP', long: 'Largest contentful paint: when the main content is there' },
  inp: { short: 'INP', long: 'Interaction to next paint: how long an act waits for its effect' },
  cls: { short: 'CLS', long: 'Cumulative layout shift: how much moves by itself' },
  ttfb: { short: 'TTFB', long: 'Time to first byte: when the server answers' },
};

export const RATINGS: Readonly<Record<NonNullable<VitalFigure['rating']>, string>> = {
  good: 'good',
  'needs-improvement': 'needs improvement',
  poor: 'poor',
};

/** Milliseconds as people read them: from a second on in seconds; `–` where nothing was measured. */
export const durationText = (ms: number | null, locale: string): string => {
  if (ms === null) return '–';
  const unit = ms < 1_000 ? 'millisecond' : 'second';
  const format = { style: 'unit', unit, maximumFractionDigits: unit === 'second' ? 1 : 0 } as const;
  return new Intl.NumberFormat(locale, format).format(unit === 'second' ? ms / 1_000 : ms);
};

export const numberText = (value: number, locale: string, digits = 0): string =>
  new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value);

/** The value of a vital; `–` where nothing was measured. */
export const vitalText = (vital: Vital, value: number | null, locale: string): string => {
  if (vital !== 'cls' || value === null) return durationText(value, locale);
  return numberText(value, locale, 2);
};
