import * as z from 'zod/mini';
import { readCursor, writeCursor } from './cursors.ts';

const schema = z.tuple([z.string().check(z.regex(/^\d{1,16}$/)), z.string().check(z.regex(/^id_\w+$/))]);

it('a cursor is read as it was written', () => {
  expect(readCursor(writeCursor(['12', 'id_a']), schema)).toEqual(['12', 'id_a']);
});

const encoded = (text: string): string => Buffer.from(text).toString('base64url');

it.each([
  ['', 'empty'],
  ['%', 'not base64url'],
  [encoded('12'), 'a number'],
  [encoded('null'), 'null'],
  [encoded('{"0":"12","1":"id_a"}'), 'an object'],
  [encoded('["12"]'), 'too few values'],
  [encoded('["12","id_a","more"]'), 'too many values'],
  [encoded('[12,"id_a"]'), 'another type'],
  [encoded('["12","id_\\u0000"]'), 'a value with NUL'],
  [encoded('['.repeat(300)), 'unfinished'],
])('%j is refused: %s', (cursor) => {
  expect(() => readCursor(cursor, schema)).toThrow(
    expect.objectContaining({ code: 'invalid_cursor' }) as Error,
  );
});
