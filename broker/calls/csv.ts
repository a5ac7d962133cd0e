/** Spreadsheets take a cell that starts so as a formula (OWASP, CSV injection). */
const FORMULA = /^\s*[=+\-@\t\r＝＋－＠]/;
const NEEDS_QUOTES = /[",\r\n\t]|^\s|\s$/;

const cellOf = (value: unknown): string => {
  const text = value instanceof Date ? value.toISOString() : String(value ?? '');
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

/**
 * Rows as lines of CSV (RFC 4180), for a part of a file. A text that a spreadsheet would take as a formula
 * gets an apostrophe before it.
 * @param columns the names of the columns, which are keys of the rows
 * @param isFirst whether the line of names comes first
 */
export const csvOf = <Column extends string>(
  columns: readonly Column[],
  rows: readonly Readonly<Record<Column, unknown>>[],
  isFirst: boolean,
): string => {
  const lines = rows.map((row) => columns.map((column) => cellOf(row[column])).join(','));
  return [...(isFirst ? [columns.join(',')] : []), ...lines].map((line) => `${line}\r\n`).join('');
};
