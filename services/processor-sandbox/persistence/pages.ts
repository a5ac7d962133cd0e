import type { Database } from '../../../broker/postgres/database.ts';

export type Listed = 'payment_intents' | 'charges' | 'refunds' | 'events';

export type PageQuery = {
  limit: number;
  /** Id of the previous page's last row. */
  startingAfter?: string;
  created?: { gte?: number; gt?: number; lte?: number; lt?: number };
  /** Required column values. */
  equal?: Record<string, string | undefined>;
};

/** Stripe's name of a resource is also its table's name, except that of its events. */
const tableOf = (listed: Listed): string => (listed === 'events' ? 'webhook_events' : listed);

const COMPARISONS = { gte: '>=', gt: '>', lte: '<=', lt: '<' } as const;

/** One page, newest first, and whether more follow; null when `startingAfter` is unknown. */
export const readPage = async <Row>(
  db: Database,
  listed: Listed,
  { limit, startingAfter, created = {}, equal = {} }: PageQuery,
): Promise<{ rows: Row[]; hasMore: boolean } | null> => {
  const table = tableOf(listed);
  const values: unknown[] = [limit + 1];
  const conditions = ['true'];
  const placeholder = (value: unknown): string => `$${values.push(value)}`;
  if (startingAfter !== undefined) {
    const [after] = await db.query<{ seq: string }>(`select seq from ${table} where id = $1`, [
      startingAfter,
    ]);
    if (!after) return null;
    conditions.push(`seq < ${placeholder(after.seq)}`);
  }
  for (const [comparison, operator] of Object.entries(COMPARISONS)) {
    const seconds = created[comparison as keyof typeof COMPARISONS];
    // Stripe compares whole seconds.
    if (seconds !== undefined) {
      conditions.push(`date_trunc('second', created_at) ${operator} to_timestamp(${placeholder(seconds)})`);
      if (operator.startsWith('>')) conditions.push(`created_at >= to_timestamp(${placeholder(seconds)})`);
    }
  }
  for (const [column, value] of Object.entries(equal)) {
    if (value !== undefined) conditions.push(`${column} = ${placeholder(value)}`);
  }
  const sql = `select * from ${table} where ${conditions.join(' and ')} order by seq desc limit $1`;
  const rows = await db.planned<Row>(sql, values);
  return { rows: rows.slice(0, limit), hasMore: rows.length > limit };
};
