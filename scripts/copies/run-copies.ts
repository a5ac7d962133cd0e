import { describeDifferences } from '../../broker/copies/compare-job.ts';
import {
  compareCopy,
  type CopiedRow,
  type Copy,
  type ReadSource,
  type SourceParams,
} from '../../broker/copies/copy.ts';
import { rebuildRows } from '../../broker/copies/rebuild-copy.ts';
import type { Database } from '../../broker/postgres/database.ts';
import { readCopies } from '../../services/admin/persistence/settings.ts';
import { readUserCopies } from '../../services/auth/persistence/accounts/user-copies.ts';
import { admin } from '../../shared/contracts/admin/admin.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import { databaseOf, UsageError, type System } from '../events/system.ts';

type ReadRows = (db: Database, params: SourceParams) => Promise<CopiedRow[]>;

/** How a source is read without its service, by the name of its action. */
const SOURCES = new Map<string, { service: string; read: ReadRows }>([
  [admin.actions.settingCopies.name, { service: 'admin', read: readCopies as ReadRows }],
  [auth.actions.userCopies.name, { service: 'auth', read: readUserCopies as ReadRows }],
]);

const readerOf = (system: System, { source }: Copy): ReadSource => {
  const found = SOURCES.get(source.name);
  if (!found) throw new UsageError(`${source.name} cannot be read without its service.`);
  const db = databaseOf(system, found.service);
  return async (params) => ({ items: await found.read(db, params) });
};

export type CopiesReport = { differences: number; unmended: number; lines: string[] };

/**
 * Compares the copies of all services, or of one, with their sources.
 * @param options.rebuild gives the rows that differ the values of their source
 * @throws UsageError when the service has no copies or a database is not known
 */
export const runCopies = async (
  system: System,
  { rebuild, service, settleMs }: { rebuild: boolean; service?: string; settleMs?: number },
): Promise<CopiesReport> => {
  const chosen = system.definitions.filter(({ contract }) => !service || contract.service === service);
  const copies = chosen.flatMap(({ contract, copies: all = [] }) =>
    all.map((copy) => ({ name: contract.service, copy })),
  );
  if (copies.length === 0) throw new UsageError(`The service ${service} keeps no copies.`);
  const report: CopiesReport = { differences: 0, unmended: 0, lines: [] };
  for (const { name, copy } of copies) {
    const db = databaseOf(system, name);
    const read = readerOf(system, copy);
    system.say(`${name}: comparing ${copy.table} with ${copy.source.name}`);
    const found = await compareCopy(copy, db, read, { settleMs });
    report.differences += found.length;
    if (found.length === 0) {
      report.lines.push(`${name}.${copy.table}: equal`);
      continue;
    }
    report.lines.push(`${name}.${describeDifferences(copy.table, found)}`);
    if (!rebuild) {
      report.unmended += found.length;
      continue;
    }
    const written = await rebuildRows(copy, db, read, found);
    const left = await compareCopy(copy, db, read, { settleMs: 0 });
    report.unmended += left.length;
    report.lines.push(`${name}.${copy.table}: ${written} rows written, ${left.length} still differ`);
  }
  return report;
};
