import { addPosition, FIRST_PAGE, type Position } from '../../../../../shared/client/page-history.ts';
import type { admin } from '../../../../../shared/contracts/admin/admin.ts';
import type { ParamsOf } from '../../../../../shared/contracts/contract.ts';
import { isDayOrInstant } from '../../../../../shared/contracts/days.ts';
import { startOfDay } from '../../../../../shared/ui/zone-days.ts';

export type AuditListParams = ParamsOf<typeof admin.actions.auditEntries>;

/** What the filter bar holds and the address has; '' is "any". Days are the reader's own, as typed. */
export type AuditPageFilters = {
  q: string;
  person: string;
  action: string;
  /** First day shown, `2026-11-23`. */
  from: string;
  /** Last day shown. */
  to: string;
  target: string;
  address: string;
  sessionId: string;
  requestId: string;
  traceId: string;
};

export const NO_FILTERS: AuditPageFilters = {
  q: '',
  person: '',
  action: '',
  from: '',
  to: '',
  target: '',
  address: '',
  sessionId: '',
  requestId: '',
  traceId: '',
};

const NAMES = Object.keys(NO_FILTERS) as (keyof AuditPageFilters)[];
const LENGTHS = { q: [3, 100], person: [2, 255] } as const;
const PAGE_SIZE = 25;
const LIST = '/admin/audit';

const day = (text: string): string => (/^\d{4}-\d{2}-\d{2}$/.test(text) && isDayOrInstant(text) ? text : '');

/** Reads the filters of an address; invalid ones are ignored. */
export const filtersOf = (search: URLSearchParams): AuditPageFilters => {
  const filters = { ...NO_FILTERS };
  // An emoji that the limit cuts in two is left out.
  for (const name of NAMES)
    filters[name] = (search.get(name) ?? '')
      .slice(0, name === 'q' ? 100 : 255)
      .replace(/[\ud800-\udbff]$/, '');
  return { ...filters, from: day(filters.from), to: day(filters.to) };
};

/** The address of the log with these filters; what is not set stays out of it. */
export const listPath = (filters: Partial<AuditPageFilters>, position: Position = FIRST_PAGE): string => {
  const search = new URLSearchParams();
  for (const name of NAMES) if (filters[name]) search.set(name, filters[name]);
  addPosition(search, position);
  return search.size === 0 ? LIST : `${LIST}?${search}`;
};

/** The start of the day in the reader's time zone, `daysLater` days later, as a UTC time. */
const midnight = (text: string, daysLater: number): string =>
  new Date(startOfDay(text, daysLater)).toISOString();

/** What is wrong with the filters, per field; a filter with a problem is not applied. */
export const problemsOf = (filters: AuditPageFilters): Partial<Record<keyof AuditPageFilters, string>> => {
  const problems: Partial<Record<keyof AuditPageFilters, string>> = {};
  for (const name of ['q', 'person'] as const) {
    const { length } = filters[name].trim();
    const [least] = LENGTHS[name];
    if (length > 0 && length < least) problems[name] = `Type at least ${least} characters.`;
  }
  if (filters.from && filters.to && filters.to < filters.from)
    problems.to = 'This is before “From day”, and not applied.';
  return problems;
};

/** The filters as the server has them. The last day is inclusive for people and exclusive in the contract. */
export const auditFiltersOf = (filters: AuditPageFilters): AuditListParams => {
  const problems = problemsOf(filters);
  const applied: Record<string, string> = {};
  for (const name of NAMES) {
    const value = filters[name].trim();
    if (value === '' || problems[name]) continue;
    if (name === 'from') applied[name] = midnight(value, 0);
    else applied[name] = name === 'to' ? midnight(value, 1) : value;
  }
  return applied;
};

/** What to ask the server for. */
export const listParamsOf = (filters: AuditPageFilters, { cursor }: Position): AuditListParams => ({
  ...auditFiltersOf(filters),
  limit: PAGE_SIZE,
  ...(cursor && { cursor }),
});

export const showsAll = (filters: AuditPageFilters): boolean =>
  Object.keys(auditFiltersOf(filters)).length === 0;
