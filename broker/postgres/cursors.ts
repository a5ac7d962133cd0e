import type * as z from 'zod/mini';
import { AppError } from '../calls/errors.ts';

/** A cursor of a list: the values of the row after which the next page starts, as text for the client. */
export const writeCursor = (values: readonly unknown[]): string =>
  Buffer.from(JSON.stringify(values)).toString('base64url');

const decode = (cursor: string): unknown => {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
};

/** The refusal of a cursor. */
export const invalidCursor = (): AppError =>
  new AppError('invalid_cursor', {
    errors: [{ path: 'cursor', message: 'is not one that this list gave out for these filters' }],
  });

/**
 * Reads a cursor. Clients can write any values into one, so only what the schema returns may reach a query.
 * @param schema the types and ranges of the values
 * @throws AppError `invalid_cursor`
 */
export const readCursor = <S extends z.ZodMiniType>(cursor: string, schema: S): z.output<S> => {
  const read = schema.safeParse(decode(cursor));
  if (read.success) return read.data;
  throw invalidCursor();
};
