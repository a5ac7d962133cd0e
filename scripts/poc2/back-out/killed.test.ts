import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../seed/random.ts';
import type { TargetSystem } from '../testing/copying.ts';
import { killsOf, printKills } from '../testing/kills.ts';
import { movedSystem } from '../testing/moved.ts';
import { startPoc2 } from '../testing/poc2-process.ts';
import { ALL_OPTIONS, sampleSource, type SampleSource } from '../testing/sample-source.ts';

let source: SampleSource;
let system: TargetSystem;
beforeAll(async () => {
  source = await sampleSource(300, 300);
  system = await movedSystem(source, ALL_OPTIONS);
});
afterAll(async () => {
  await system.close();
  await source.drop();
});

const KILLS = killsOf(4);
const start = () => startPoc2(system, source.url, ['back-out', '--open', 'keep', '--undelivered', 'leave']);

const renamed = async (): Promise<number> => {
  const { rows } = await source.client.query<{ count: number }>(
    "select count(*)::int as count from users where name = 'Renamed'",
  );
  return rows[0]?.count ?? 0;
};

test(
  'killed at any moments, the same command takes everything back, once',
  async () => {
    const changed = await system.query(
      'auth',
      `update users set name = 'Renamed', version = version + 1, updated_at = now()
     where id in (select new_id from poc2_ids) returning id`,
    );
    expect(changed.length).toBeGreaterThan(200);
    const random = seededRandom(17);
    const startedMs = performance.now();
    const help = startPoc2(system, source.url, ['help']);
    await help.exited;
    const startMs = performance.now() - startedMs;
    // The earliest first: after a commit all others come after it.
    const delaysMs = Array.from({ length: KILLS }, () => startMs * (0.5 + 2.3 * random())).sort(
      (a, b) => a - b,
    );
    let before = 0;
    for (const delayMs of delaysMs) {
      const { kill, exited } = start();
      await sleep(delayMs);
      kill();
      await exited;
      // All or nothing.
      const gone = await renamed();
      expect([0, changed.length]).toContain(gone);
      if (gone === 0) before += 1;
    }
    expect(before).toBeGreaterThan(0);
    const last = await start().exited;
    expect([last.code, last.problem, last.code === 0 ? '' : last.output]).toEqual([0, '', '']);
    expect(await renamed()).toBe(changed.length);
    expect((await source.client.query("update users set name = 'Again'")).rowCount).toBeGreaterThan(200);
    printKills(
      `back-out: ${KILLS} times killed -9, ${before} of them before its commit; all changes are back once`,
    );
  },
  120_000 + KILLS * 15_000,
);
