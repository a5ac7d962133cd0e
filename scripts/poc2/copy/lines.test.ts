import fc from 'fast-check';
import { Client } from 'pg';
import { throwAwayDatabase } from '../../../broker/testing/throw-away-database.ts';
import type { Value } from '../mapping/table-mapping.ts';
import { comparedLine, writeLine, type Shape } from './lines.ts';
import { copyBlocks, readRows } from './read-rows.ts';
import { writeLines } from './write-lines.ts';

let client: Client;
let drop: () => Promise<void>;
beforeAll(async () => {
  const database = await throwAwayDatabase();
  drop = database.drop;
  client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query("set timezone = 'UTC'");
});
afterAll(async () => {
  await client.end();
  await drop();
});

const COLUMNS = {
  n: 'bigint',
  words: 'text',
  at: 'timestamp with time zone',
  exact: 'timestamp(3) with time zone',
  hash: 'bytea',
  list: 'text[]',
  kept: 'json',
  normal: 'jsonb',
  flag: 'boolean',
};
const shape: Shape = {
  keyLength: 1,
  columns: Object.entries(COLUMNS).map(([name, type]) => ({ name, type })),
};

/** PostgreSQL stores neither NUL nor half of a surrogate pair. */
const text = fc.string({ unit: 'grapheme' }).map((words) => words.replaceAll('\0', ''));
const odd = fc.constantFrom('\\N', '\\.', '', 'NULL', 'null', '{}', '"', ',', '\b\f\v\r\n\t\\', ' \u{1F4B6}');
const words = fc.oneof(text, odd);
const time = fc
  .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString());
const json = fc.jsonValue({ noUnicodeString: true, maxDepth: 2 }).map((value) => JSON.stringify(value));
const row = fc.record({
  words: fc.option(words),
  at: fc.option(time),
  exact: time,
  hash: fc.uint8Array().map((bytes) => `\\x${Buffer.from(bytes).toString('hex')}`),
  list: fc.array(words),
  kept: json,
  normal: json.filter((one) => !one.includes('\\u0000')),
  flag: fc.boolean(),
});

it('PostgreSQL writes the line of each row as it is compared', async () => {
  const columns = Object.entries(COLUMNS).map(([name, type]) => `${name} ${type}`);
  await client.query(`create table every_type (${columns.join(', ')})`);
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), async (rows) => {
      await client.query('truncate every_type');
      const lines = rows.map((values, n) => writeLine(shape, { n, ...values } as Record<string, Value>));
      await writeLines(client, 'every_type', shape, [Buffer.from(lines.map((line) => `${line}\n`).join(''))]);
      const blocks: Buffer[] = [];
      for await (const block of copyBlocks(client, 'select * from every_type order by n')) blocks.push(block);
      const found = Buffer.concat(blocks).toString('utf8').split('\n').slice(0, -1);
      const compare = (line: string) => comparedLine(shape, line);
      expect(found.map(compare)).toEqual(lines.map(compare));
    }),
    { numRuns: 150 },
  );
});

it('reads texts and JSON as they are', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.record({ words: fc.option(words), value: json })), async (rows) => {
      await client.query('create temporary table read (n int, words text, value json)');
      for (const [n, { words: one, value }] of rows.entries())
        await client.query('insert into read values ($1, $2, $3)', [n, one, value]);
      const found: unknown[] = [];
      for await (const batch of readRows(client, 'select n::text, words, value from read order by n'))
        found.push(...batch);
      await client.query('drop table read');
      expect(found).toEqual(
        rows.map((one, n) => ({ n: `${n}`, words: one.words, value: JSON.parse(one.value) as unknown })),
      );
    }),
    { numRuns: 30 },
  );
});

it('compares numbers in JSON as PostgreSQL keeps them', async () => {
  const one: Shape = { keyLength: 1, columns: [{ name: 'value', type: 'jsonb' }] };
  const texts = [
    '12345678901234567890',
    '10.10',
    '1e21',
    '-0',
    '-0.0',
    '1.50e1',
    '1.5E-7',
    '-12e-1',
    '0e5',
    '7',
  ];
  const { rows } = await client.query<{ text: string }>(
    'select one::jsonb::text as text from unnest($1::text[]) with ordinality as given (one, n) order by n',
    [texts],
  );
  expect(rows.map(({ text }) => comparedLine(one, text))).toEqual(
    texts.map((text) => comparedLine(one, text)),
  );
  expect(comparedLine(one, '10.10')).not.toBe(comparedLine(one, '10.1'));
});

it('refuses what is no time', () => {
  const one: Shape = { keyLength: 1, columns: [{ name: 'at', type: 'timestamp with time zone' }] };
  for (const at of ['2026-01-01', '+010000-01-01T00:00:00.000Z', 'infinity'])
    expect(() => writeLine(one, { at })).toThrow('is no time');
});
