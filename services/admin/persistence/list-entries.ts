import { hash } from 'node:crypto';
import * as z from 'zod/mini';
import { readCursor, writeCursor } from '../../../broker/postgres/cursors.ts';
import type { Plannable } from '../../../broker/postgres/database.ts';
import { firstIdAt } from '../../../broker/process/ids.ts';
import type { AuditFilters } from '../../../shared/contracts/admin/audit.ts';
import { eventId } from '../../../shared/contracts/ids.ts';
import { ENTRY_COLUMNS, type EntryRow } from './entries.ts';
import { patternOf, searchPeople } from './people.ts';

export type Page = { limit: number; cursor?: string | undefined };

/** A cursor contains its filters and is valid only for the same list. */
const fingerprint = (filters: AuditFilters): string =>
  hash('sha256', JSON.stringify(Object.entries(filters).sort()), 'base64url').slice(0, 12);

const positionOf = (filters: AuditFilters, cursor: string | undefined): string | null => {
  if (cursor === undefined) return null;
  const ofThisList = z.refine<readonly string[]>(([print]) => print === fingerprint(filters));
  return readCursor(cursor, z.tuple([z.string(), eventId]).check(ofThisList))[1];
};

const firstEntryAt = (iso: string): string => firstIdAt('event', Date.parse(iso));

type Bind = (value: unknown) => string;

/** The part of the list by time; `column` holds the entry's id. */
const timeConditions = (
  column: string,
  filters: AuditFilters,
  before: string | null,
  bind: Bind,
): string[] => [
  ...(filters.from === undefined ? [] : [`${column} >= ${bind(firstEntryAt(filters.from))}`]),
  ...(filters.to === undefined ? [] : [`${column} < ${bind(firstEntryAt(filters.to))}`]),
  ...(before === null ? [] : [`${column} < ${bind(before)}`]),
];

/** The filters that compare one column. */
const COLUMNS = {
  action: 'action',
  target: 'target_id',
  address: 'address',
  sessionId: 'session_id',
  requestId: 'request_id',
  traceId: 'trace_id',
} as const;

const fieldConditions = ({ q, ...filters }: AuditFilters, bind: Bind): string[] => {
  const found: string[] = [];
  for (const [name, column] of Object.entries(COLUMNS)) {
    const value = filters[name as keyof typeof COLUMNS];
    if (value !== undefined) found.push(`e.${column} = ${bind(value)}`);
  }
  if (q !== undefined) found.push(`e.searched like fold_case(${bind(patternOf(q))})`);
  return found;
};

const MANY_PEOPLE = 100;
const USER_ID = /^usr_[0-9a-f]{32}$/;

/** Of whom entries are wanted: ids, or the pattern of a text that many people match. */
const peopleWanted = async (db: Plannable, text: string): Promise<string[] | { like: string }> => {
  if (USER_ID.test(text)) return [text];
  const ids = await searchPeople(db, text, MANY_PEOPLE + 1);
  return ids.length > MANY_PEOPLE ? { like: patternOf(text) } : ids;
};

/** The newest entries of each person by the index, as many as a page needs; no entry is read but those. */
const newestOf = (ids: string, times: readonly string[], limit: string): string =>
  `e.id in (
     select newest.entry_id from unnest(${ids}::text[]) as one (id) cross join lateral (
       select p.entry_id from entry_people p
       where ${['p.person_id = one.id', ...times].join(' and ')} order by p.entry_id desc limit ${limit}
     ) newest)`;

const oneOf = (wanted: string[] | { like: string }, bind: Bind): string =>
  Array.isArray(wanted)
    ? `exists (select from entry_people p where p.entry_id = e.id and p.person_id = any(${bind(wanted)}))`
    : `exists (select from entry_people p join people on people.id = p.person_id
         where p.entry_id = e.id and fold_case(people.searched) like fold_case(${bind(wanted.like)}))`;

type Selection = { where: string; values: unknown[] };

/** The entries before a position, at least those that are needed; null where a filter names nobody. */
const selectionOf = async (
  db: Plannable,
  filters: AuditFilters,
  before: string | null,
  needed: number,
): Promise<Selection | null> => {
  const values: unknown[] = [];
  const bind: Bind = (value) => `$${values.push(value)}`;
  const fields = fieldConditions(filters, bind);
  const all = [...timeConditions('e.id', filters, before, bind), ...fields];
  if (filters.person !== undefined) {
    const wanted = await peopleWanted(db, filters.person);
    if (Array.isArray(wanted) && wanted.length === 0) return null;
    const byPerson = Array.isArray(wanted) && fields.length === 0;
    const times = () => timeConditions('p.entry_id', filters, before, bind);
    all.push(byPerson ? newestOf(bind(wanted), times(), bind(needed)) : oneOf(wanted, bind));
  }
  return { where: all.length === 0 ? 'true' : all.join(' and '), values };
};

/**
 * One page of the audit log, newest first. Without an offset nothing is counted or skipped, so the last page
 * costs the same as the first.
 * @throws AppError `invalid_cursor`
 */
export const listEntries = async (
  db: Plannable,
  filters: AuditFilters,
  { limit, cursor }: Page,
  offset = 0,
): Promise<{ rows: EntryRow[]; nextCursor: string | null }> => {
  const before = positionOf(filters, cursor);
  const selection = await selectionOf(db, filters, before, offset + limit + 1);
  if (selection === null) return { rows: [], nextCursor: null };
  const rows = await db.planned<EntryRow>(
    `select ${ENTRY_COLUMNS} from entries e
     where ${selection.where} order by e.id desc limit ${limit + 1} offset ${offset}`,
    selection.values,
  );
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return { rows: page, nextCursor: hasMore ? writeCursor([fingerprint(filters), last.id]) : null };
};

/** How many entries the filters find, at most `limit`. */
export const countEntries = async (db: Plannable, filters: AuditFilters, limit: number): Promise<number> => {
  const selection = await selectionOf(db, filters, null, limit);
  if (selection === null) return 0;
  const [row] = await db.planned<{ count: number }>(
    `select count(*)::int as count
     from (select 1 from entries e where ${selection.where} limit ${limit}) as found`,
    selection.values,
  );
  return row?.count ?? 0;
};
