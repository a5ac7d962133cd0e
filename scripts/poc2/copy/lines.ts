import { numberText, parseExactly, withoutExponent } from '../../../shared/contracts/exact-json.ts';
import type { Value } from '../mapping/table-mapping.ts';

/** A column of a target table; `type` as PostgreSQL's format_type says it. */
export type Column = { name: string; type: string };
/** The columns that are filled, those of the key first. */
export type Shape = { keyLength: number; columns: readonly Column[] };

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};
const SIGNS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(ESCAPES).map(([sign, escape]) => [escape[1], sign]),
);
// A class of signs that COPY escapes.
const ESCAPED = /[\\\b\f\n\r\t\v]/;

/** A text as COPY writes it. */
const escapeText = (text: string): string =>
  ESCAPED.test(text) ? text.replaceAll(/[\\\b\f\n\r\t\v]/g, (sign) => ESCAPES[sign] ?? sign) : text;

/** The value of a field that COPY wrote; null for NULL. */
export const readField = (field: string): string | null => {
  if (field === '\\N') return null;
  return field.includes('\\')
    ? field.replaceAll(/\\(.)/g, (escape, sign: string) => SIGNS[sign] ?? (sign === '\\' ? '\\' : escape))
    : field;
};

/** ISO text with milliseconds, as PostgreSQL prints that time in UTC. */
const timeText = (iso: string): string => {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(iso)) throw new Error(`"${iso}" is no time`);
  let end = 23;
  while (iso[end - 1] === '0') end -= 1;
  if (iso[end - 1] === '.') end -= 1;
  return `${iso.slice(0, 10)} ${iso.slice(11, end)}+00`;
};

const arrayText = (items: readonly string[]): string => {
  const texts = items.map((item) =>
    item === '' || /[{}",\\ \t\n\r\v\f]/.test(item) || item.toUpperCase() === 'NULL'
      ? `"${item.replaceAll(/["\\]/g, '\\$&')}"`
      : item,
  );
  return `{${texts.join(',')}}`;
};

const stable = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(stable);
  if (typeof value !== 'object' || value === null || numberText(value) !== null)
    return withoutExponent(value);
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, stable(inner)]),
  );
};

/** JSON text in one form: PostgreSQL sorts the keys of a jsonb and changes its spaces. */
const canonicalJson = (text: string): string =>
  text === '{}' ? text : JSON.stringify(stable(parseExactly(text)));

const fieldOf = (value: Value, type: string): string => {
  if (value === null) return '\\N';
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return escapeText(arrayText(value));
  return escapeText(type.startsWith('timestamp') ? timeText(value) : value);
};

/** Whether the lines that are compared are other ones than those that are written. */
export const hasJsonb = ({ columns }: Shape): boolean => columns.some(({ type }) => type === 'jsonb');

type Values = Readonly<Record<string, Value>>;

const lineOf = ({ columns }: Shape, values: Values, isCompared: boolean): string => {
  let line = '';
  let tab = '';
  for (const { name, type } of columns) {
    const value = values[name];
    if (value === undefined) throw new Error(`a row has no value for ${name}`);
    const isJson = isCompared && type === 'jsonb' && typeof value === 'string';
    line += tab + fieldOf(isJson ? canonicalJson(value) : value, type);
    tab = '\t';
  }
  return line;
};

/**
 * A row as the line that COPY would write for it, without its end.
 * @throws Error when it lacks a column
 */
export const writeLine = (shape: Shape, values: Values): string => lineOf(shape, values, false);

/**
 * A row as the line of it is compared: as `comparedLine` of `writeLine`, in less time.
 * @throws Error when it lacks a column
 */
export const writeComparedLine = (shape: Shape, values: Values): string => lineOf(shape, values, true);

/** A line in the form in which lines are compared. */
export const comparedLine = ({ columns }: Shape, line: string): string =>
  line
    .split('\t')
    .map((field, index) => {
      const text = columns[index]?.type === 'jsonb' ? readField(field) : null;
      return text === null ? field : escapeText(canonicalJson(text));
    })
    .join('\t');
