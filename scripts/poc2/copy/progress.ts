import { everyTwoSeconds, type Say } from '../../backup/progress.ts';

export type TableReport = { table: string; rows: number; written: number; seconds: number };

const secondsSince = (startedMs: number): number => (performance.now() - startedMs) / 1_000;

export const rateOf = (count: number, seconds: number): string =>
  `${Math.round(count / Math.max(seconds, 0.001)).toLocaleString('en')} rows/s`;

/**
 * Says how far a table is, with its rate and the time left.
 * @param done rows of earlier runs
 */
export const tableProgress = (table: string, total: number, done: number, say: Say) => {
  const startedMs = performance.now();
  const sometimes = everyTwoSeconds(say);
  let rows = 0;
  let written = 0;
  return {
    add: (batch: { rows: number; written: number }): void => {
      rows += batch.rows;
      written += batch.written;
      const leftS = Math.round(((total - done - rows) * secondsSince(startedMs)) / rows);
      const rate = rateOf(rows, secondsSince(startedMs));
      sometimes(`${table}: ${done + rows} of ${total}, ${rate}, about ${Math.max(leftS, 0)} s left`);
    },
    report: (): TableReport => ({ table, rows, written, seconds: secondsSince(startedMs) }),
  };
};
