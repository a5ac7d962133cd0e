import type { EntryRow } from '../persistence/entries.ts';

const COLUMNS = [
  ...['id', 'at', 'action', 'actor_id', 'actor_role', 'actor_name', 'actor_email'],
  ...['person_id', 'person_name', 'person_email', 'target_type', 'target_id', 'reason'],
  ...['address', 'device', 'session_id', 'request_id', 'before', 'after', 'trace_id'],
] as const satisfies readonly (keyof EntryRow)[];

/** Spreadsheets take a cell that starts so as a formula (OWASP, CSV injection). */
const FORMULA = /^\s*[=+\-@\t\r＝＋－＠]/;
const NEEDS_QUOTES = /[",\r\n\t]|^\s|\s$/;

const cellOf = (value: unknown): string => {
  const text = value instanceof Date ? value.toISOString() : String(value ?? '');
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

/** Entries as lines of CSV (RFC 4180). @param isFirst whether the line of column names comes first */
export const csvOf = (rows: readonly EntryRow[], isFirst: boolean): string => {
  const lines = rows.map((row) => COLUMNS.map((column) => cellOf(row[column])).join(','));
  return [...(isFirst ? [COLUMNS.join(',')] : []), ...lines].map((line) => `${line}\r\n`).join('');
};
