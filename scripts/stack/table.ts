import type { Status, UnitStatus } from './unit.ts';

const COLUMNS: readonly (readonly [head: string, cell: (unit: UnitStatus) => string, right?: true])[] = [
  ['name', (unit) => unit.name],
  ['what', (unit) => unit.what],
  ['address', (unit) => unit.address],
  ['state', (unit) => unit.state],
  ['pid', (unit) => String(unit.pid ?? '-'), true],
  ['memory', (unit) => (unit.memoryMb === null ? '-' : `${unit.memoryMb} MB`), true],
  ['ready after', (unit) => (unit.readyAfterMs === null ? '-' : `${unit.readyAfterMs} ms`), true],
  ['restarts', (unit) => String(unit.restarts), true],
];

/** Units as an aligned table; below it the last output of those that do not run. */
export const tableOf = ({ units }: Pick<Status, 'units'>): string => {
  const rows = [COLUMNS.map(([head]) => head), ...units.map((unit) => COLUMNS.map(([, cell]) => cell(unit)))];
  const widths = COLUMNS.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, at) => {
        const width = widths[at] ?? 0;
        return COLUMNS[at]?.[2] ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
  const outputs = units.flatMap((unit) => (unit.lastOutput ? [`${unit.name} ${unit.lastOutput}`] : []));
  return [...lines, ...(outputs.length > 0 ? ['', ...outputs] : [])].join('\n');
};
