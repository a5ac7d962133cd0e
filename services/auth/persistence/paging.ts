import { AppError } from '../../../broker/calls/errors.ts';

/** The row after which a page starts: its time, newest first, and its id where times are equal. */
export type Position = { at: Date; id: string };
export type Page<Row> = { rows: Row[]; nextCursor: string | null };

const writeCursor = ({ at, id }: Position): string =>
  Buffer.from(JSON.stringify([at.toISOString(), id])).toString('base64url');

/**
 * The position that a cursor names; null without a cursor.
 * @throws AppError `invalid_cursor` when it is not one of a list of such ids
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
    // Falls through: what cannot be read is refused like what is not ours.
  }
  throw new AppError('invalid_cursor', {
    errors: [{ path: 'cursor', message: 'is not one that this list gave out' }],
  });
};

/** A page of at most `limit` rows; one row more was asked for, to see whether others follow. */
export const pageOf = <Row>(rows: Row[], limit: number, positionOf: (row: Row) => Position): Page<Row> => {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { rows: page, nextCursor: rows.length > limit && last ? writeCursor(positionOf(last)) : null };
};
