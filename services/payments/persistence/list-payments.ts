import { hash } from 'node:crypto';
import * as z from 'zod/mini';
import { readCursor, writeCursor } from '../../../broker/postgres/cursors.ts';
import type { Plannable, Queryable } from '../../../broker/postgres/database.ts';
import { firstIdAt } from '../../../broker/process/ids.ts';
import type { ParsedParamsOf } from '../../../shared/contracts/contract.ts';
import { paymentId, type PaymentId, type UserId } from '../../../shared/contracts/ids.ts';
import { paymentStatus, type payments } from '../../../shared/contracts/payments.ts';
import { partyContains, searchPartyIds, textContains } from './parties.ts';
import { JOIN_PARTIES, WITH_PARTIES, type PaymentWithParties } from './payments.ts';

type ListFilters = Omit<ParsedParamsOf<typeof payments.actions.list>, 'person'>;
type Filters = Omit<ListFilters, 'cursor' | 'q'> & Partial<Pick<ListFilters, 'cursor' | 'q'>>;

/** A list is ordered by one column and then by id, so every row has a unique position. */
type Order = { column: 'id' | 'amount_minor' | 'status'; direction: 'asc' | 'desc' };

const orderOf = (sort: ListFilters['sort']): Order => {
  const direction = sort.startsWith('-') ? 'desc' : 'asc';
  const name = sort.replace('-', '');
  return { column: name === 'amount' ? 'amount_minor' : name === 'status' ? 'status' : 'id', direction };
};

/** The row after which the next page starts. */
type Position = { value: string; id: PaymentId };

/** A cursor contains its filters and is valid only for the same list. */
const fingerprint = ({ cursor: _cursor, limit: _limit, ...filters }: Filters): string =>
  hash('sha256', JSON.stringify(Object.entries(filters).sort()), 'base64url').slice(0, 12);

const cursorOf = (filters: Filters, { column }: Order, row: PaymentWithParties): string =>
  writeCursor([fingerprint(filters), String(row[column]), row.id]);

/** The filters, the value of the column by which the list is ordered, and the id. */
const CURSORS = {
  id: z.tuple([z.string(), paymentId, paymentId]),
  status: z.tuple([z.string(), paymentStatus, paymentId]),
  amount_minor: z.tuple([z.string(), z.string().check(z.regex(/^\d{1,16}$/)), paymentId]),
} as const satisfies Record<Order['column'], unknown>;

const positionOf = (filters: Filters, { column }: Order): Position | null => {
  if (filters.cursor === undefined) return null;
  const ofThisList = z.refine<readonly string[]>(([print]) => print === fingerprint(filters));
  const [, value, id] = readCursor(filters.cursor, CURSORS[column].check(ofThisList));
  return { value, id };
};

type Values = unknown[];
const bind = (values: Values, value: unknown): string => `$${values.push(value)}`;

const conditions = (filters: Filters, position: Position | null, order: Order, values: Values): string[] => {
  const found: string[] = [];
  const add = (value: unknown, condition: (parameter: string) => string) => {
    if (value !== undefined) found.push(condition(bind(values, value)));
  };
  add(filters.status, (value) => `p.status = ${value}`);
  add(filters.currency, (value) => `p.currency = ${value}`);
  add(filters.from && firstIdAt('payment', Date.parse(filters.from)), (value) => `p.id >= ${value}`);
  add(filters.to && firstIdAt('payment', Date.parse(filters.to)), (value) => `p.id < ${value}`);
  add(filters.amountMin, (value) => `p.amount_minor >= ${value}`);
  add(filters.amountMax, (value) => `p.amount_minor <= ${value}`);
  if (position) {
    const beyond = order.direction === 'asc' ? '>' : '<';
    found.push(
      order.column === 'id'
        ? `p.id ${beyond} ${bind(values, position.id)}`
        : `(p.${order.column}, p.id) ${beyond}
            (${bind(values, position.value)}, ${bind(values, position.id)})`,
    );
  }
  return found;
};

const MANY_PARTIES = 100;

type Party = 'payer_id' | 'payee_id';

/** The search text as a condition on payments; the parties whose names are compared are in `columns`. */
const searchCondition = async (db: Queryable, text: string, values: Values) => {
  const ids = await searchPartyIds(db, text, MANY_PARTIES + 1);
  const always = [textContains('p.description', text, values), `p.id = ${bind(values, text.toLowerCase())}`];
  const parties = ids.length > MANY_PARTIES || ids.length === 0 ? null : bind(values, ids);
  const many = ids.length > MANY_PARTIES ? partyContains('c', text, values) : null;
  return (...columns: Party[]): string => {
    const alternatives = [...always];
    for (const column of columns) {
      if (parties) alternatives.push(`p.${column} = any(${parties})`);
      if (many) alternatives.push(`exists (select from parties c where c.id = p.${column} and ${many})`);
    }
    return `(${alternatives.join(' or ')})`;
  };
};

/**
 * The payments of a list, each direction from its own index, in order and only as far as they are needed.
 * @param whose null for the payments of all users
 */
const selectionOf = async (db: Queryable, whose: UserId | null, filters: Filters) => {
  const order = orderOf(filters.sort);
  const values: Values = [];
  const person = whose === null ? null : bind(values, whose);
  const shared = conditions(filters, positionOf(filters, order), order, values);
  const search = filters.q === undefined ? null : await searchCondition(db, filters.q, values);
  const by = (table: string) =>
    order.column === 'id'
      ? `order by ${table}.id ${order.direction}`
      : `order by ${table}.${order.column} ${order.direction}, ${table}.id ${order.direction}`;
  const first = (columns: string, count: number): string => {
    const part = (own: string[], ...searched: Party[]) => {
      const all = [...own, ...shared, ...(search ? [search(...searched)] : [])];
      const where = all.length > 0 ? `where ${all.join(' and ')}` : '';
      return `(select ${columns} from payments p ${where} ${by('p')} limit ${count})`;
    };
    const parts =
      person === null
        ? [part([], 'payer_id', 'payee_id')]
        : [
            ...(filters.direction === 'received' ? [] : [part([`p.payer_id = ${person}`], 'payee_id')]),
            ...(filters.direction === 'sent' ? [] : [part([`p.payee_id = ${person}`], 'payer_id')]),
          ];
    return parts.join(' union all ');
  };
  return { order, values, by, first };
};

/**
 * One page of the payments that a user sent or received, or of all. Without an offset nothing is counted or
 * skipped, so the last page costs the same as the first.
 * @param whose null for the payments of all users
 */
export const listPayments = async (
  db: Plannable,
  whose: UserId | null,
  filters: Filters,
  offset = 0,
): Promise<{ rows: PaymentWithParties[]; nextCursor: string | null }> => {
  const { order, values, by, first } = await selectionOf(db, whose, filters);
  const limit = filters.limit + 1;
  const rows = await db.planned<PaymentWithParties>(
    `select ${WITH_PARTIES} from (${first('p.*', offset + limit)}) p ${JOIN_PARTIES} ${by('p')}
     limit ${limit} offset ${offset}`,
    values,
  );
  const page = rows.slice(0, filters.limit);
  const last = page.at(-1);
  return {
    rows: page,
    nextCursor: rows.length > filters.limit && last ? cursorOf(filters, order, last) : null,
  };
};

/** How many payments a list has, at most `limit`. */
export const countPayments = async (
  db: Plannable,
  whose: UserId | null,
  filters: Filters,
  limit: number,
): Promise<number> => {
  const { values, first } = await selectionOf(db, whose, filters);
  const [row] = await db.planned<{ count: number }>(
    `select count(*)::int as count from (select 1 from (${first('p.id', limit)}) p limit ${limit}) as found`,
    values,
  );
  return row?.count ?? 0;
};
