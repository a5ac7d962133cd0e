export type Verdict = 'goal' | 'floor' | 'MISSED' | '';

/**
 * One line of the result: what was measured, against which goal and floor; both null for a line that only
 * informs.
 */
export type Line = {
  measure: string;
  goal: number | null;
  floor: number | null;
  measured: number;
  unit: '×' | 'MB' | 'KB' | 's' | 'ms' | '/s' | '';
  /** More is better: goal and floor are the least that it may be. */
  atLeast?: boolean;
  /** The absolute numbers behind a ratio. */
  detail?: string;
};

const digits = (unit: Line['unit']): number => (unit === '×' || unit === 's' ? 2 : unit === '' ? 3 : 0);

const show = (value: number | null, unit: Line['unit']): string => {
  if (value === null) return '';
  const text = Number.isInteger(value) ? String(value) : value.toFixed(digits(unit));
  return unit === '×' ? `${value.toFixed(2)}×` : `${text} ${unit}`.trim();
};

const verdictOf = ({ goal, floor, measured, atLeast = false }: Line): Verdict => {
  if (goal === null && floor === null) return '';
  const reaches = (bound: number | null): boolean =>
    bound !== null && (atLeast ? measured >= bound : measured <= bound);
  if (reaches(goal)) return 'goal';
  return reaches(floor) ? 'floor' : 'MISSED';
};

const bound = (value: number | null, { unit, atLeast = false }: Line): string =>
  value === null ? '' : `${atLeast ? '≥' : '≤'} ${show(value, unit)}`;

/** The table, one line for each measure. */
export const tableOf = (lines: readonly Line[]): string => {
  const rows = [
    ['measure', 'goal', 'floor', 'measured', 'verdict', ''],
    ...lines.map((line) => [
      line.measure,
      bound(line.goal, line),
      bound(line.floor, line),
      show(line.measured, line.unit),
      verdictOf(line),
      line.detail ?? '',
    ]),
  ];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

export const missed = (lines: readonly Line[]): number =>
  lines.filter((line) => verdictOf(line) === 'MISSED').length;

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
};

/** The value that so large a share of all does not exceed; `share` from 0 to 1. */
export const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
};
