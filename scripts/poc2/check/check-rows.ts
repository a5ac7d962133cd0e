import type { Client } from 'pg';
import { everyTwoSeconds, type Say } from '../../backup/progress.ts';
import { rateOf } from '../copy/progress.ts';
import { readRows } from '../copy/read-rows.ts';
import type { Irregularity, MappingContext, TableMapping } from '../mapping/table-mapping.ts';

/** Rows of one kind of irregularity, with the same outcome. */
export type Finding = {
  kind: string;
  outcome: Irregularity['outcome'];
  count: number;
  /** The first ids, and what is said of the first row. */
  ids: string[];
  detail: string;
};

export type CheckedTable = {
  table: string;
  rows: number;
  /** How many are not copied because of a refusal. */
  refused: number;
  /** How many target rows the others become. */
  becomes: number;
  findings: Finding[];
};

const IDS_SHOWN = 3;

const add = (findings: Map<string, Finding>, { kind, outcome, id, detail }: Irregularity): void => {
  const key = `${outcome} ${kind}`;
  let finding = findings.get(key);
  if (!finding) {
    finding = { kind, outcome, count: 0, ids: [], detail };
    findings.set(key, finding);
  }
  finding.count += 1;
  if (finding.ids.length < IDS_SHOWN) finding.ids.push(id);
};

export type Checking = {
  context: MappingContext;
  say: Say;
  /** Sees each irregularity. */
  onIrregularity?(irregularity: Irregularity): void;
};

/** Maps all rows of a table without writing any. */
export const checkTable = async (
  client: Client,
  mapping: TableMapping,
  { context, say, onIrregularity }: Checking,
): Promise<CheckedTable> => {
  const { table, select } = mapping;
  const found = new Map<string, Finding>();
  const checked: CheckedTable = { table, rows: 0, refused: 0, becomes: 0, findings: [] };
  const progress = everyTwoSeconds(say);
  const startedMs = performance.now();
  for await (const rows of readRows<{ id: string }>(client, select)) {
    for (const row of rows) {
      const { rows: mapped, irregularities } = mapping.map(row as never, context);
      checked.becomes += mapped.length;
      if (irregularities.some(({ outcome }) => outcome === 'refused')) checked.refused += 1;
      for (const one of irregularities) {
        add(found, one);
        onIrregularity?.(one);
      }
      checked.rows += 1;
    }
    progress(
      `${table}: ${checked.rows} rows, ${rateOf(checked.rows, (performance.now() - startedMs) / 1_000)}`,
    );
  }
  const order = { refused: 0, mapped: 1 };
  checked.findings = [...found.values()].sort(
    (one, other) => order[one.outcome] - order[other.outcome] || other.count - one.count,
  );
  return checked;
};
