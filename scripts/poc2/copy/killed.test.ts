import { Client } from 'pg';
import { eventually } from '../../../broker/testing/eventually.ts';
import { seededRandom } from '../../seed/random.ts';
import { MAPPINGS } from '../mapping/mappings.ts';
import { copyInto, targetSystem, verifyIn, type TargetSystem } from '../testing/copying.ts';
import { startPoc2 } from '../testing/poc2-process.ts';
import { killsOf, printKills } from '../testing/kills.ts';
import { ALL_ARGUMENTS, sampleSource, type SampleSource } from '../testing/sample-source.ts';

let source: SampleSource;
let system: TargetSystem;
beforeAll(async () => {
  source = await sampleSource(400, 4_000);
  system = await targetSystem();
}, 60_000);
afterAll(async () => {
  await system?.close();
  await source?.drop();
});

const KILLS = killsOf(4);

const startCopy = () => startPoc2(system, source.url, ['copy', ...ALL_ARGUMENTS, '--batch-rows', '40']);

const rowsRead = async (): Promise<number> => {
  const [made] = await system.query<{ made: boolean }>(
    'admin',
    "select to_regclass('poc2_copy') is not null as made",
  );
  let rows = 0;
  for (const database of made?.made ? (['auth', 'payments', 'profile', 'admin'] as const) : []) {
    const [found] = await system
      .query<{ rows: string }>(database, 'select sum(source_rows) as rows from poc2_copy')
      .catch(() => []);
    rows += Number(found?.rows ?? 0);
  }
  return rows;
};

const total = async (): Promise<number> => {
  const { rows } = await source.client.query<{ count: number }>(
    `select (select 4 * count(*) from users)::int + (select count(*) from payments)::int
       + (select count(*) from audit_logs)::int as count`,
  );
  return rows[0]?.count ?? 0;
};

/** Holds a lock on a table until `release`. */
const hold = async (variable: string, lock: string) => {
  const client = new Client({ connectionString: system.env[variable] ?? '' });
  await client.connect();
  await client.query(`begin; lock table ${lock} mode`);
  return { release: () => client.end() };
};

/** So many statements of copies wait for a lock. */
const waits = (database: 'admin' | 'payments', count = 1) =>
  eventually(async () => {
    const found = await system.query(
      database,
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
         and application_name like 'poc2 %'`,
    );
    expect(found).toHaveLength(count);
  }, 20_000);

/** Begins a copy that ends before its first row. */
const begin = async (): Promise<void> => {
  const map = () => {
    throw new Error('cut off');
  };
  const mappings = MAPPINGS.map((mapping) => ({ ...mapping, map }));
  await expect(copyInto(system, source.url, { mappings })).rejects.toThrow('cut off');
};

const killWhen = async (moment: () => Promise<unknown>): Promise<void> => {
  const copy = startCopy();
  await moment();
  copy.kill();
  expect(await copy.exited).toMatchObject({ signal: 'SIGKILL', problem: '' });
};

it(
  'killed at any moment and started again, it does nothing twice and leaves nothing out',
  async () => {
    await begin();
    // Between the commits of two databases: admin stays a batch behind the others.
    const inserts = await hold('ADMIN_DATABASE_URL', 'people in share');
    await killWhen(async () => {
      await waits('admin');
      await eventually(async () => expect(await rowsRead()).toBeGreaterThan(0));
    });
    await inserts.release();
    const random = seededRandom(16);
    const all = await total();
    const moments = Array.from({ length: KILLS }, () => random() * 0.9).toSorted((a, b) => a - b);
    for (const moment of moments)
      await killWhen(() =>
        eventually(async () => expect(await rowsRead()).toBeGreaterThanOrEqual(moment * all), 20_000),
      );
    const indexes = await hold('PAYMENTS_DATABASE_URL', 'processor_operations in row exclusive');
    await killWhen(() => waits('payments'));
    await waits('payments', 0);
    const ended = startCopy();
    await waits('payments');
    await system.query(
      'payments',
      `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock' and application_name like 'poc2 %'`,
    );
    expect(await ended.exited).toMatchObject({
      code: 1,
      problem: expect.stringMatching(/^poc2: terminating connection .* The same command goes on/) as string,
    });
    await indexes.release();
    expect(await startCopy().exited).toMatchObject({ code: 0, problem: '' });

    expect((await verifyIn(system, source.url)).findings).toEqual({ count: 0, shown: [] });
    printKills(
      `copy: ${KILLS + 2} times killed -9 and once cut off by PostgreSQL, then verified without a difference`,
    );
    const other = await targetSystem();
    try {
      await copyInto(other, source.url);
      const [found, expected] = [await system.content(), await other.content()];
      // Its rows are numbered as they come.
      const numbered = 'payments.published_events';
      expect(found[numbered]).toHaveLength(expected[numbered]?.length ?? -1);
      expect({ ...found, [numbered]: [] }).toEqual({ ...expected, [numbered]: [] });
    } finally {
      await other.close();
    }
  },
  180_000 + KILLS * 15_000,
);
