import { hash } from 'node:crypto';
import * as z from 'zod/mini';
import { readCursor, writeCursor } from '../../../../broker/postgres/cursors.ts';
import type { Plannable, Queryable } from '../../../../broker/postgres/database.ts';
import type { auth } from '../../../../shared/contracts/auth/auth.ts';
import type { UserState } from '../../../../shared/contracts/auth/fields.ts';
import type { ParsedParamsOf } from '../../../../shared/contracts/contract.ts';
import { userId, type UserId } from '../../../../shared/contracts/ids.ts';
import { isStorable, withPlainSpaces } from '../../../../shared/contracts/text.ts';
import { COLUMNS, type UserRow } from './users.ts';

type ListFilters = ParsedParamsOf<typeof auth.actions.users>;
type Filters = Omit<ListFilters, 'cursor'> & Partial<Pick<ListFilters, 'cursor'>>;
export type ListedUser = UserRow & { lastSignInAt: Date | null };
type Row = ListedUser & { sortKey: string };

/** The start of a user's newest session that is still stored. */
const LAST_SIGN_IN = `(select started_at from sessions s where s.user_id = u.id
  order by started_at desc limit 1) as "lastSignInAt"`;

export const lastSignInOf = async (db: Queryable, id: UserId): Promise<Date | null> => {
  const [user] = await db.query<{ lastSignInAt: Date | null }>(
    `select ${LAST_SIGN_IN} from users u where id = $1`,
    [id],
  );
  return user?.lastSignInAt ?? null;
};

/** What each order sorts by. E-mail addresses and ids are unique; users with one name follow by their id. */
const SORT_KEYS = { createdAt: 'id', name: 'fold_case(name)', email: 'lower(email)' } as const;

const orderOf = (sort: ListFilters['sort']) => {
  const name = sort.replace('-', '') as keyof typeof SORT_KEYS;
  const isDescending = sort.startsWith('-');
  return {
    name,
    key: SORT_KEYS[name],
    direction: isDescending ? 'desc' : 'asc',
    beyond: isDescending ? '<' : '>',
  };
};

const STATES: Readonly<Record<UserState, string>> = {
  active: `status = 'active' and password_state <> 'invited'`,
  invited: `status = 'active' and password_state = 'invited'`,
  suspended: `status = 'suspended'`,
  closed: `status = 'deleted'`,
};

/** A cursor contains its filters and is valid only for the same list. */
const fingerprint = ({ cursor: _cursor, limit: _limit, ...filters }: Filters): string =>
  hash('sha256', JSON.stringify(Object.entries(filters).sort()), 'base64url').slice(0, 12);

/** The filters, the value by which the list is ordered, and the id. */
const CURSOR = z.tuple([z.string(), z.string().check(z.refine(isStorable)), userId]);

const positionOf = (filters: Filters): { value: string; id: UserId } | null => {
  if (filters.cursor === undefined) return null;
  const ofThisList = z.refine<readonly string[]>(([print]) => print === fingerprint(filters));
  const [, value, id] = readCursor(filters.cursor, CURSOR.check(ofThisList));
  return { value, id };
};

type Bind = (value: unknown) => string;

/** A text is searched as PostgreSQL folds it (migration 0012), or is the whole id. */
const conditionsOf = ({ q, role, state }: Filters, bind: Bind): string[] => {
  const conditions = ['true'];
  if (q !== undefined) {
    const spellings = [...new Set([q, withPlainSpaces(q)])].map((text) => {
      const pattern = bind(`%${text.replaceAll(/[\\%_]/g, '\\$&')}%`);
      return `search_text like fold_case(${pattern})`;
    });
    conditions.push(`(${[...spellings, `id = ${bind(q.toLowerCase())}`].join(' or ')})`);
  }
  if (role !== undefined) conditions.push(`role = ${bind(role)}`);
  if (state !== undefined) conditions.push(STATES[state]);
  return conditions;
};

/**
 * One page of the users. Each order is read from its own index, only as far as the page needs; without an
 * offset nothing is counted or skipped.
 */
export const listUsers = async (
  db: Plannable,
  filters: Filters,
  offset = 0,
): Promise<{ rows: ListedUser[]; nextCursor: string | null }> => {
  const { name, key, direction, beyond } = orderOf(filters.sort);
  const values: unknown[] = [];
  const bind: Bind = (value) => `$${values.push(value)}`;
  const conditions = conditionsOf(filters, bind);
  const position = positionOf(filters);
  if (position && name === 'name') {
    conditions.push(`(${key}, id) ${beyond} (${bind(position.value)}, ${bind(position.id)})`);
  } else if (position) conditions.push(`${key} ${beyond} ${bind(position.value)}`);
  const by = name === 'name' ? `${key} ${direction}, id ${direction}` : `${key} ${direction}`;
  const rows = await db.planned<Row>(
    `select ${COLUMNS}, "sortKey", ${LAST_SIGN_IN}
     from (select *, ${key} as "sortKey" from users where ${conditions.join(' and ')}
       order by ${by} limit ${filters.limit + 1} offset ${offset}) u
     order by ${by}`,
    values,
  );
  const rest = rows.slice(0, filters.limit);
  const last = rest.at(-1);
  const nextCursor =
    rows.length > filters.limit && last ? writeCursor([fingerprint(filters), last.sortKey, last.id]) : null;
  return { rows: rest, nextCursor };
};

/** How many users a list has, at most `limit`. */
export const countUsers = async (db: Plannable, filters: Filters, limit: number): Promise<number> => {
  const values: unknown[] = [];
  const conditions = conditionsOf(filters, (value) => `$${values.push(value)}`);
  const [row] = await db.planned<{ count: number }>(
    `select count(*)::int as count
     from (select 1 from users where ${conditions.join(' and ')} limit ${limit}) as found`,
    values,
  );
  return row?.count ?? 0;
};
