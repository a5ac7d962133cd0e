import { Client } from 'pg';
import { throwAwayDatabase } from '../../broker/testing/throw-away-database.ts';
import { openCommonPoint } from './common-point.ts';
import type { Place } from './connect.ts';

let made: Awaited<ReturnType<typeof throwAwayDatabase>>[];
let clients: Client[];
let places: Place[];
beforeAll(async () => {
  made = await Promise.all([throwAwayDatabase(), throwAwayDatabase()]);
  places = made.map(({ url }, index) => ({ service: `service-${index}`, url }));
  clients = made.map(({ url }) => new Client({ connectionString: url }));
  for (const client of clients) {
    await client.connect();
    await client.query('create table steps (number int not null)');
  }
});
afterAll(async () => {
  await Promise.all((clients ?? []).map((client) => client.end()));
  for (const { drop } of made ?? []) await drop();
});

/** Writes each number into the first database, then into the second, until it is stopped. */
const writeInTurn = () => {
  let going = true;
  const run = async (): Promise<number> => {
    for (let number = 0; ; number++) {
      if (!going) return number;
      for (const client of clients) await client.query('insert into steps values ($1)', [number]);
    }
  };
  const written = run();
  return async (): Promise<number> => {
    going = false;
    return written;
  };
};

it('snapshots of several databases show the same moment while others write', async () => {
  const stop = writeInTurn();
  const counts: number[][] = [];
  for (let round = 0; round < 8; round++) {
    const point = await openCommonPoint(places);
    // Much is written between the moment and the reading.
    for (const client of clients) await client.query('select pg_sleep(0.01)');
    const read = point.snapshots.map(async ({ client }) => {
      const { rows } = await client.query<{ count: number }>('select count(*)::int as count from steps');
      return rows[0]?.count ?? 0;
    });
    counts.push(await Promise.all(read));
    await point.close();
  }
  const written = await stop();
  expect(counts.filter(([first = 0, second = 0]) => first - second !== 0 && first - second !== 1)).toEqual(
    [],
  );
  expect(counts.at(-1)?.[0]).toBeGreaterThan(8);
  expect(written).toBeGreaterThan(counts.at(-1)?.[0] ?? 0);
});

it('waits for a transaction that has written, and then contains it', async () => {
  const [writer] = clients as [Client];
  await writer.query("truncate steps; begin; insert into steps values (1); set application_name = 'writer'");
  const opening = openCommonPoint(places);
  // Longer than one attempt.
  await writer.query('select pg_sleep(1)');
  await writer.query('commit');
  const point = await opening;
  const { rowCount } = (await point.snapshots[0]?.client.query('select from steps')) ?? {};
  expect(rowCount).toBe(1);
  await point.close();
});

it('says that another backup or migration is under way', async () => {
  const point = await openCommonPoint(places);
  await expect(openCommonPoint(places)).rejects.toThrow(
    'The database of service-0 is being migrated or backed up; repeat afterwards.',
  );
  await point.close();
});
