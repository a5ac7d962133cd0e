import { AppError } from '../../../broker/calls/errors.ts';

/** The row after which a page starts: its time (lists are newest first) and its id, for equal times. */
export type Position = { at: Date; id: string };
export type Page<Row> = { rows: Row[]; nextCursor: string | null };

const writeCursor = ({ at, id }: Position): string =>
  Buffer.from(JSON.stringify([at.toISOString(), id])).toString('base64url');

/**
 * The position encoded in a cursor; null without a cursor.
 * @throws AppError `invalid_cursor` when it is not the cursor of a list of such ids
 */
export const readCursor = (
  cursor: string | undefined,
  idSchema: { safeParse(id: unknown): { success: boolean } },
): Position | null => {
  if (cursor === undefined) return null;
  try {
    const [time, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown[];
    const at = new Date(String(time));
    if (at.toISOString() === time && idSchema.safeParse(id).success) return { at, id: id as string };
  } catch {
    // An unreadable cursor is refused like a foreign one, below.
  }
  throw new AppError('invalid_cursor', {
    errors: [{ path: 'cursor', message: 'is not a cursor of this list' }],
  });
};

/** A page of at most `limit` rows. `rows` holds one row more when another page follows. */
export const pageOf = <Row>(rows: Row[], limit: number, positionOf: (row: Row) => Position): Page<Row> => {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { rows: page, nextCursor: rows.length > limit && last ? writeCursor(positionOf(last)) : null };
};
