import * as z from 'zod/mini';
import { readCursor, writeCursor } from '../../../broker/postgres/cursors.ts';
import { instant } from '../../../shared/contracts/fields.ts';

/** The row after which a page starts: its time (lists are newest first) and its id, for equal times. */
export type Position = { at: Date; id: string };
export type Page<Row> = { rows: Row[]; nextCursor: string | null };

const time = z.pipe(
  instant,
  z.transform((text: string) => new Date(text)),
);

/**
 * The position encoded in a cursor; null without a cursor.
 * @throws AppError `invalid_cursor` when it is not the cursor of a list of such ids
 */
export const positionIn = <Id extends string>(
  cursor: string | undefined,
  idSchema: z.ZodMiniType<Id, string>,
): Position | null => {
  if (cursor === undefined) return null;
  const [at, id] = readCursor(cursor, z.tuple([time, idSchema]));
  return { at, id };
};

/** A page of at most `limit` rows. `rows` holds one row more when another page follows. */
export const pageOf = <Row>(rows: Row[], limit: number, positionOf: (row: Row) => Position): Page<Row> => {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  if (rows.length <= limit || !last) return { rows: page, nextCursor: null };
  const { at, id } = positionOf(last);
  return { rows: page, nextCursor: writeCursor([at.toISOString(), id]) };
};
