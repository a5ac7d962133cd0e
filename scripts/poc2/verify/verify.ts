import type { Say } from '../../backup/progress.ts';
import { withBoth, type CopyValues } from '../copy/copy.ts';
import { rateOf } from '../copy/progress.ts';
import { openList } from '../list-file.ts';
import { MAPPINGS } from '../mapping/mappings.ts';
import { verifyNow } from './catch-up.ts';
import { type VerifyReport } from './verify-all.ts';

/** @param list the file that has all rows, if any */
export const reportLines = (report: VerifyReport, list?: string): string[] => {
  const what = report.leavesOut ? 'left out' : 'refused';
  const { tables, findings, totals, refused, sourceRows, seconds } = report;
  const rows = tables.reduce((sum, { found }) => sum + found.rows, 0);
  const tookS = seconds.toFixed(1);
  const more = findings.count - findings.shown.length;
  return [
    ...tables.map(({ table, expected, found }) =>
      expected.sum === found.sum && expected.rows === found.rows
        ? `  ${table}: ${found.rows} rows, checksum ${found.sum} on both sides`
        : `  ${table}: ${found.rows} rows, checksum ${found.sum}, not ${expected.rows}, ${expected.sum}`,
    ),
    ...[...totals].map(([key, { count, minor }]) => `  ${key}: ${count} payments, ${minor} minor units`),
    ...[...refused].map(
      ([kind, { count, shown }]) =>
        `  ${what}, ${kind}: ${count} (${shown.join(', ')}${count > shown.length ? ', …' : ''})`,
    ),
    ...(refused.size > 0
      ? [`  ${list === undefined ? '--list FILE writes' : `${list} has`} all of their ids`]
      : []),
    `Verified ${rows} rows against ${sourceRows} of the source in ${tookS} s, ${rateOf(rows, seconds)}`,
    ...findings.shown.map((text) => `  ${text}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
    findings.count === 0 ? 'No difference' : `Differences: ${findings.count}`,
  ];
};

/** `npm run poc2 -- verify`: 0 where nothing differs, 1 otherwise. */
export const verify = async (url: string, { stack, list: path }: CopyValues, say: Say): Promise<number> => {
  const list = openList(path);
  try {
    return await withBoth(url, { stack, canRun: true }, async (source, targets) => {
      const report = await verifyNow({ source, targets, mappings: MAPPINGS, say, onLine: list.add });
      reportLines(report, path).forEach(say);
      return report.findings.count === 0 ? 0 : 1;
    });
  } finally {
    list.close();
  }
};
