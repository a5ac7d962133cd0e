import { AppError } from '../../../../broker/calls/errors.ts';
import { NUMBERED_MAX } from '../../../../shared/contracts/numbered-pages.ts';
import { isDayOrInstant } from '../../../../shared/contracts/days.ts';

/** What a client of POC-2 has sent: path, and query or body. */
export type Params = Readonly<Record<string, unknown>>;

/** An error about one field that POC-2 has and we do not, or not so. */
export const refuse = (path: string, message: string): never => {
  const detail = `${path} ${message}.`;
  throw new AppError('invalid_params', { detail, errors: [{ path, message }] });
};

/** `createdAt` and `desc`, as ours: `-createdAt`. */
export const sortOf = (
  { sort = 'createdAt', order = 'desc' }: Params,
  sorts: Readonly<Record<string, string>>,
): string => {
  const name = sorts[String(sort)] ?? refuse('sort', `must be one of ${Object.keys(sorts).join(', ')}`);
  if (order !== 'asc' && order !== 'desc') return refuse('order', 'must be asc or desc');
  return order === 'asc' ? name : `-${name}`;
};

/** POC-2's last moment belongs to a list, ours does not. */
const afterMoment = (text: string): string =>
  isDayOrInstant(text) ? new Date(Date.parse(text) + 1).toISOString() : text;

/** The dates of a list. */
export const datesOf = ({ startDate: from, endDate: to }: Params) => ({
  ...(from !== undefined && { from: from as string }),
  ...(to !== undefined && { to: afterMoment(to as string) }),
});

/** The page of a list, as POC-2 counts them. */
export const pageOf = ({ page = 1, limit }: Params, usualLimit: number) => ({
  pageNumber: page as number,
  limit: (limit ?? usualLimit) as number,
});

/** A page costs one more for each so many rows up to its end, which are read for it. */
const ROWS_OF_COST = 1_000;
const LIMIT_MAX = 100;

/**
 * What a request with this query string costs.
 * @param costs of filters, by POC-2's names
 */
export const costOf = (costs: Readonly<Record<string, number>>, query: string): number => {
  const params = new URLSearchParams(query);
  const named = Object.keys(costs).map((name) => (params.has(name) ? (costs[name] ?? 1) : 1));
  const limit = Math.min(LIMIT_MAX, Number(params.get('limit') ?? 10) || 1);
  const rows = Math.min(NUMBERED_MAX, (Number(params.get('page')) || 1) * limit);
  return Math.max(1, ...named, 1 + Math.floor(rows / ROWS_OF_COST));
};

type Paged = { total: number; more: boolean };

/** What POC-2 says of pages; with more than are counted, `total` is a lower bound. */
export const paginationOf = (
  { total, more }: Paged,
  { pageNumber: page, limit }: { pageNumber?: unknown; limit?: unknown },
) => ({
  page: Number(page),
  limit: Number(limit),
  total,
  totalPages: Math.ceil(total / Number(limit)),
  ...(more && { totalIsLowerBound: true }),
});
