import type { Database, Queryable } from '../postgres/database.ts';

type Plan = {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  Filter?: string;
  Plans?: Plan[];
};

const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

/**
 * Plans the statements of `run` without executing them: each returns no rows.
 * @returns the parts of the plans that may read rows which the statement does not want: scans of whole
 *   tables, and conditions that are checked on each row. A locking statement also checks the condition of a
 *   partial index.
 */
export const wastefulScansOf = async (
  db: Database,
  run: (db: Queryable) => Promise<unknown>,
): Promise<string[]> => {
  const wasteful: string[] = [];
  await run({
    query: async (sql, values) => {
      const [row] = await db.planned<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
        `explain (format json) ${sql}`,
        values,
      );
      for (const node of nodesOf(row!['QUERY PLAN'][0].Plan)) {
        if (node['Node Type'] !== 'Seq Scan' && !node.Filter) continue;
        const where = node['Index Name'] ?? node['Relation Name'];
        wasteful.push(`${node['Node Type']} on ${where}: ${node.Filter ?? 'no condition'}`);
      }
      return [];
    },
  });
  return wasteful;
};
