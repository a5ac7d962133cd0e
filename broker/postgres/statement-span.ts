import { currentTrace } from '../calls/request-context.ts';
import { inSpan } from '../telemetry/tracing.ts';

/** What a statement does first: it writes to a table, or reads from one. */
const WRITES = /\b(insert into|(?<!for |key )update|delete from)\s+(\w+)/;
const READS = /\bfrom\s+(\w+)/;

const nameOf = (sql: string): string => {
  const [, writes, written] = WRITES.exec(sql) ?? [];
  if (writes !== undefined) return `sql ${writes.split(' ')[0]} ${written}`;
  return `sql select ${READS.exec(sql)?.[1] ?? ''}`.trim();
};

const spans = new Map<string, Parameters<typeof inSpan>[1] & { name: string }>();

const spanOf = (sql: string) => {
  let span = spans.get(sql);
  if (!span) {
    const attributes = { 'db.system.name': 'postgresql', 'db.query.text': sql };
    span = { name: nameOf(sql), kind: 'client', attributes };
    spans.set(sql, span);
  }
  return span;
};

/**
 * Runs a statement in a span of the running code's trace. The span has the statement's text, which is
 * constant, and never its values.
 */
export const inStatement = <T>(sql: string, run: () => Promise<T>): Promise<T> => {
  if (!currentTrace()?.sampled) return run();
  const { name, ...options } = spanOf(sql);
  return inSpan(name, options, run);
};
