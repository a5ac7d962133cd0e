import { irregularLine } from '../list-file.ts';
import type { Irregularity } from '../mapping/table-mapping.ts';

/** What was counted, of which only the first are shown. */
export type Findings = { count: number; shown: string[] };

const SHOWN = 20;
/** Of rows that are left out by choice, or refused: `--list` has all. */
const REFUSED_SHOWN = 5;

export const find = (findings: Findings, text: string, count = 1, shown = SHOWN): void => {
  findings.count += count;
  if (findings.shown.length < shown) findings.shown.push(text);
};

/** Counts refused rows by table and kind. @param onLine sees each as a line */
export const collectRefused = (onLine: ((line: string) => void) | undefined) => {
  const refused = new Map<string, Findings>();
  return {
    refused,
    add: (one: Irregularity): void => {
      if (one.outcome !== 'refused') return;
      onLine?.(irregularLine(one));
      const kind = `${one.table}: ${one.kind}`;
      const findings = refused.get(kind) ?? { count: 0, shown: [] };
      refused.set(kind, findings);
      find(findings, one.id, 1, REFUSED_SHOWN);
    },
  };
};
