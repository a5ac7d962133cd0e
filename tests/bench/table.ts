export type Verdict = 'goal' | 'floor' | 'MISSED' | '';

/**
 * One line of the result: a measurement with its goal and floor, both null for a line that only informs.
 */
export type Line = {
  measure: string;
  goal: number | null;
  floor: number | null;
  measured: number;
  unit: '×' | 'MB' | 'KB' | 's' | 'ms' | '/s' | '';
  /** Goal and floor are minima: more is better. */
  atLeast?: boolean;
  /** The absolute figures behind a ratio. */
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

/** The table as text, one line for each measurement. */
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
