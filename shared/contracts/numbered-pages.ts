import * as z from 'zod/mini';
import { wholeNumber } from './fields.ts';

/** So many things of a list are counted at most, and can be reached by the number of their page. */
export const NUMBERED_MAX = 10_000;

/** Pages by number, which clients of POC-2 ask for; ours follow cursors. */
export const pageNumber = z._default(wholeNumber(1, NUMBERED_MAX), 1);

export const isNumbered = z.refine<{ pageNumber: number; limit: number }>(
  ({ pageNumber: number, limit }) => number * limit <= NUMBERED_MAX,
  { path: ['pageNumber'], error: `must be within the first ${NUMBERED_MAX}; use filters to reach others` },
);

/** `total` is exact unless there are `more`. */
export const numbered = <T extends z.ZodMiniType>(item: T) =>
  z.object({ items: z.array(item), total: z.int(), more: z.boolean() });
