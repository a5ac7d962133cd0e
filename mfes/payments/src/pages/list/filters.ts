import type { UserId } from '../../../../../shared/contracts/ids.ts';
import { addPosition, FIRST_PAGE } from '../../../../../shared/client/page-history.ts';
import type { Position } from '../../../../../shared/client/page-history.ts';
import { CURRENCIES } from '../../../../../shared/contracts/currencies.ts';
import type { Currency } from '../../../../../shared/contracts/currencies.ts';
import { isDayOrInstant } from '../../../../../shared/contracts/days.ts';
import { fromDecimal } from '../../../../../shared/contracts/money.ts';
import { PAYMENT_SORTS, PAYMENT_STATUSES } from '../../../../../shared/contracts/payments.ts';
import type { PaymentListParams, PaymentStatus } from '../../../../../shared/contracts/payments.ts';
import { startOfDay } from '../../../../../shared/ui/zone-days.ts';
import { ALL, OWN, type ListAddress } from '../../lists.ts';

type PaymentSort = (typeof PAYMENT_SORTS)[number];
export type Direction = 'sent' | 'received';

/**
 * What the filter bar holds and the address has. '' is "any"; days are kept as typed. Amounts are plain
 * decimals of the currency, so that an address means the same in every locale.
 */
export type Filters = {
  /** The list that they narrow: the reader's own payments, or those of all users. */
  list: ListAddress;
  q: string;
  direction: Direction | '';
  status: PaymentStatus | '';
  currency: Currency | '';
  /** First day shown, `2026-11-23`, in the reader's own time zone. */
  from: string;
  /** Last day shown. */
  to: string;
  amountMin: string;
  amountMax: string;
  /** The id of a user who pays or is paid; among the payments of all users only. */
  person: string;
  sort: PaymentSort;
};

const SEARCH_MIN_LENGTH = 3;
const PAGE_SIZE = 25;
export const NO_FILTERS: Filters = {
  list: OWN,
  q: '',
  direction: '',
  status: '',
  currency: '',
  from: '',
  to: '',
  amountMin: '',
  amountMax: '',
  person: '',
  sort: '-createdAt',
};

const oneOf = <T extends string>(values: readonly T[], text: string | null): T | '' =>
  values.find((value) => value === text) ?? '';

const day = (text: string | null): string =>
  text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text) && isDayOrInstant(text) ? text : '';

/** An amount without a currency is ignored: 100 is a yen, a dollar or a tenth of a dinar. */
const amount = (search: URLSearchParams, name: 'amountMin' | 'amountMax'): string => {
  const currency = oneOf(CURRENCIES, search.get('currency'));
  const text = search.get(name) ?? '';
  return currency !== '' && fromDecimal(text, currency) ? text : '';
};

const userIn = (text: string | null): string => (/^usr_[0-9a-f]{32}$/.test(text ?? '') ? (text ?? '') : '');

/** Reads the filters of an address; invalid ones are ignored. */
export const filtersOf = (search: URLSearchParams, list: ListAddress = OWN): Filters => ({
  list,
  // An emoji that the limit cuts in two is left out.
  q: (search.get('q') ?? '').slice(0, 100).replace(/[\ud800-\udbff]$/, ''),
  // Among all payments, only those of one person are sent or received.
  direction:
    list === ALL && !search.has('person') ? '' : oneOf(['sent', 'received'], search.get('direction')),
  status: oneOf(PAYMENT_STATUSES, search.get('status')),
  currency: oneOf(CURRENCIES, search.get('currency')),
  from: day(search.get('from')),
  to: day(search.get('to')),
  amountMin: amount(search, 'amountMin'),
  amountMax: amount(search, 'amountMax'),
  person: list === ALL ? userIn(search.get('person')) : '',
  sort: oneOf(PAYMENT_SORTS, search.get('sort')) || NO_FILTERS.sort,
});

/** The address of the list with these filters; what is not set stays out of it. */
export const listPath = (filters: Filters, position: Position = FIRST_PAGE): string => {
  const search = new URLSearchParams();
  const { list, ...others } = filters;
  for (const [key, value] of Object.entries(others)) {
    if (value !== NO_FILTERS[key as keyof Filters]) search.set(key, value);
  }
  addPosition(search, position);
  return search.size === 0 ? list : `${list}?${search}`;
};

/** The start of the day in the reader's time zone, `daysLater` days later, as a UTC time. */
const midnight = (day: string, daysLater: number): string =>
  new Date(startOfDay(day, daysLater)).toISOString();

export type FilterProblems = Partial<Record<keyof Filters, string>>;

/** Ordered by amount, which means something within one currency only. */
const isByAmount = ({ sort }: Pick<Filters, 'sort'>): boolean => sort === 'amount' || sort === '-amount';

const amountOf = (decimal: string, currency: Currency | ''): number | undefined =>
  (currency !== '' && fromDecimal(decimal, currency)) || undefined;

/** What is wrong with the filters, per field; a filter or an order with a problem is not applied. */
export const problemsOf = (filters: Filters): FilterProblems => {
  const problems: FilterProblems = {};
  const min = amountOf(filters.amountMin, filters.currency) ?? 0;
  const max = amountOf(filters.amountMax, filters.currency) ?? Infinity;
  if (min > max) problems.amountMax = 'This is less than “Amount from”, and not applied.';
  if (filters.from && filters.to && filters.to < filters.from) {
    problems.to = 'This is before “From day”, and not applied.';
  }
  if (isByAmount(filters) && filters.currency === '') {
    problems.sort = 'Needs a currency. Until you choose one, the newest come first.';
  }
  const length = filters.q.trim().length;
  if (length > 0 && length < SEARCH_MIN_LENGTH) {
    problems.q = `Type at least ${SEARCH_MIN_LENGTH} characters to search.`;
  }
  return problems;
};

/** What to ask the server for. The last day is inclusive for people and exclusive in the contract. */
export const listParamsOf = (filters: Filters, position: Position = FIRST_PAGE): PaymentListParams => {
  const problems = problemsOf(filters);
  const { direction, status, currency, from, to, q } = filters;
  const sort = problems.sort ? NO_FILTERS.sort : filters.sort;
  const params: PaymentListParams = { limit: PAGE_SIZE, sort };
  if (direction) params.direction = direction;
  if (status) params.status = status;
  if (currency) params.currency = currency;
  if (from) params.from = midnight(from, 0);
  if (to && !problems.to) params.to = midnight(to, 1);
  if (q.trim() && !problems.q) params.q = q.trim();
  const min = amountOf(filters.amountMin, currency);
  const max = problems.amountMax ? undefined : amountOf(filters.amountMax, currency);
  if (min !== undefined) params.amountMin = min;
  if (max !== undefined) params.amountMax = max;
  if (filters.person) params.person = filters.person as UserId;
  if (position.cursor) params.cursor = position.cursor;
  return params;
};

/** What may narrow the list beside its status, which has tabs. */
export type FilterName = 'q' | 'person' | 'direction' | 'currency' | 'days' | 'amounts';

/** The filters that are applied, in the order of their fields; one with a problem is not among them. */
export const activeFilters = (filters: Filters): FilterName[] => {
  const { q, person, direction, currency, from, to, amountMin, amountMax } = listParamsOf(filters);
  const applied: Record<FilterName, unknown> = {
    q,
    person,
    direction,
    days: from ?? to,
    currency,
    amounts: amountMin ?? amountMax,
  };
  return (Object.keys(applied) as FilterName[]).filter((name) => applied[name] !== undefined);
};

const CLEARED: Record<FilterName, Partial<Filters>> = {
  q: { q: '' },
  // Sent or received means nothing without the person.
  person: { person: '', direction: '' },
  direction: { direction: '' },
  days: { from: '', to: '' },
  // An amount means nothing without its currency.
  currency: { currency: '', amountMin: '', amountMax: '' },
  amounts: { amountMin: '', amountMax: '' },
};

/** The order that is left when the currency is no longer chosen. */
const sortWithoutCurrency = (filters: Filters): Filters['sort'] =>
  isByAmount(filters) ? NO_FILTERS.sort : filters.sort;

/** The filters without one of them. */
export const without = (filters: Filters, name: FilterName): Filters => ({
  ...filters,
  ...CLEARED[name],
  ...(name === 'currency' && { sort: sortWithoutCurrency(filters) }),
});

/** All filters cleared, in the same order where that needs none of them. */
export const cleared = (filters: Filters): Filters => ({
  ...NO_FILTERS,
  list: filters.list,
  sort: sortWithoutCurrency(filters),
});

/** True when nothing narrows the list, so that an empty one means that there are no payments yet. */
export const showsAll = (filters: Filters): boolean =>
  activeFilters(filters).length === 0 && filters.status === '';

/** True for the request of a list's first page, newest first, that every new payment belongs to. */
export const showsNewest = ({
  limit: _limit,
  sort = NO_FILTERS.sort,
  ...narrowing
}: PaymentListParams): boolean =>
  sort === NO_FILTERS.sort && Object.values(narrowing).every((value) => value === undefined);
