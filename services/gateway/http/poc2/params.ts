import { AppError } from '../../../../broker/calls/errors.ts';
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
