import { eventually } from '../../../broker/testing/eventually.ts';
import { seededRandom } from '../../seed/random.ts';
import { openSource } from '../copy/source.ts';
import { closeTargets, openTargets } from '../copy/targets.ts';
import { MAPPINGS } from '../mapping/mappings.ts';
import type { SourceTable } from '../mapping/table-mapping.ts';
import { startWriters } from '../testing/change-source.ts';
import {
  copyInto,
  resumedDifferences,
  targetSystem,
  verifyIn,
  type TargetSystem,
} from '../testing/copying.ts';
import { killsOf, printKills } from '../testing/kills.ts';
import { startPoc2 } from '../testing/poc2-process.ts';
import { sampleSource, type SampleSource } from '../testing/sample-source.ts';
import { verifyNow } from '../verify/catch-up.ts';
import { installChangeLog, uninstallChangeLog } from './change-log.ts';

let source: SampleSource;
let system: TargetSystem;

const started: ReturnType<typeof startPoc2>[] = [];
const start = (...args: string[]) => {
  const one = startPoc2(system, source.url, args);
  started.push(one);
  return one;
};
afterEach(() => started.splice(0).forEach((one) => one.kill()));
const startFollowing = async () => {
  const following = start('follow');
  await eventually(() => expect(following.texts.output).toMatch(/^following$/m), 20_000);
  return following;
};

beforeAll(async () => {
  source = await sampleSource(40, 150);
  system = await targetSystem();
}, 60_000);
afterAll(async () => {
  await system?.close();
  await source?.drop();
});

/** Stops a copy at a row of a table. */
const cutOff = (table: SourceTable, rows: number) => {
  let left = rows;
  const mappings = MAPPINGS.map((mapping) => ({
    ...mapping,
    map: (...given: Parameters<typeof mapping.map>) => {
      if (mapping.table === table && (left -= 1) < 0) throw new Error('cut off');
      return mapping.map(...given);
    },
  }));
  return expect(copyInto(system, source.url, { mappings, startOver: true })).rejects.toThrow('cut off');
};

const KILLS = killsOf(3);

const change = async (seed: number, count: number): Promise<void> => {
  const writers = await startWriters(source.url, seed);
  await writers.change(count);
  await writers.close();
};

it('refuses where changes were not logged since the copy', async () => {
  expect((await start('follow').exited).problem).toMatch(/Nothing was copied into the database of/);
  await cutOff('payments', 100);
  expect((await start('follow').exited).problem).toMatch(/The copy has not ended/);
  await copyInto(system, source.url);
  expect((await start('follow', '--once').exited).problem).toMatch(
    /has no change log: npm run poc2 -- install/,
  );
  await installChangeLog(source.url);
  expect(await start('follow').exited).toMatchObject({
    code: 2,
    problem: expect.stringMatching(/installed after the copy began: copy once more/) as string,
  });
}, 60_000);

it.each([
  ['users', 35],
  ['payments', 100],
  ['audit_logs', 60],
] as const)(
  'a copy that was cut off in %s goes on as of a later moment',
  async (table, rows) => {
    await cutOff(table, rows);
    await change(rows, 40);
    await copyInto(system, source.url);
    expect((await verifyIn(system, source.url)).findings).toEqual({ count: 0, shown: [] });
  },
  60_000,
);

it('verify compares both sides as of one moment while they change', async () => {
  const following = await startFollowing();
  const second = start('follow');
  const writers = await startWriters(source.url, 11);
  const targets = await openTargets(system.env);
  const opened = await openSource(source.url);
  for (let round = 0; round < 3; round += 1) {
    await writers.change(15);
    const [{ findings }] = await Promise.all([
      verifyNow({ source: opened, targets, mappings: MAPPINGS, say: () => undefined }),
      writers.change(15),
    ]);
    for (const { client } of targets) await client.query('commit');
    expect(findings).toEqual({ count: 0, shown: [] });
  }
  await closeTargets(targets);
  await opened.close();
  expect(await second.exited).toMatchObject({
    code: 2,
    problem: expect.stringMatching(/Another process follows the changes/) as string,
  });
  following.kill('SIGTERM');
  expect(await following.exited).toMatchObject({ code: 0, problem: '' });
  await writers.close();
}, 60_000);

const applied = () =>
  eventually(async () => {
    const { rows } = await source.client.query<{ behind: string }>(
      `select count(*) as behind from payloom_move.changes
       where not pg_visible_in_snapshot(xid, (select $1::pg_snapshot))`,
      [(await system.query<{ snapshot: string }>('auth', 'select snapshot from poc2_run'))[0]?.snapshot],
    );
    expect(Number(rows[0]?.behind)).toBe(0);
  }, 20_000);

it('goes on when servers end its connections', async () => {
  const following = await startFollowing();
  const end = `select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name in ('payloom poc2', 'poc2 of payments')
    order by backend_start desc limit 1`;
  for (const [times, run] of [
    [1, () => source.client.query(end)],
    [2, () => system.query('payments', end)],
  ] as const) {
    await run();
    await change(20 + times, 20);
    await eventually(() => {
      expect(following.texts.output.match(/trying again in 0\.5 s\nconnected again/g)).toHaveLength(times);
    }, 20_000);
  }
  await applied();
  following.kill('SIGINT');
  expect(await following.exited).toMatchObject({ code: 0, problem: '' });
  expect((await verifyIn(system, source.url)).findings).toEqual({ count: 0, shown: [] });
}, 60_000);

it(
  'killed at any moment, it does not lose a change',
  async () => {
    const random = seededRandom(16);
    const writers = await startWriters(source.url, 31);
    for (let kills = 0; kills < KILLS; kills += 1) {
      const following = await startFollowing();
      const changes = 5 + Math.floor(random() * 40);
      await writers.change(changes);
      following.kill();
      expect(await following.exited).toMatchObject({ signal: 'SIGKILL' });
      expect(await resumedDifferences(system, source.url)).toEqual([]);
    }
    printKills(`follow: ${KILLS} times killed -9, resumed and verified without a difference each time`);
    await writers.change(10);
    await writers.close();
    expect(await start('follow', '--once').exited).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^\d+ changes are applied, in \d+ rows$/m) as string,
    });
    expect((await verifyIn(system, source.url)).findings).toEqual({ count: 0, shown: [] });
  },
  90_000 + KILLS * 15_000,
);

it('does not touch a system that is open, and stays away without a log', async () => {
  await system.query('profile', 'update poc2_run set opened_at = now()');
  expect((await start('follow').exited).problem).toMatch(/^poc2: The database of profile is open since/);
  await system.query('profile', 'update poc2_run set opened_at = null');
  await uninstallChangeLog(source.url);
  expect((await start('follow').exited).problem).toMatch(/has no change log/);
}, 30_000);
