import { eventually } from '../../../broker/testing/eventually.ts';
import { closeTargets, lockTargets, openTargets } from '../copy/targets.ts';
import { openSource } from '../copy/source.ts';
import { MAPPINGS } from '../mapping/mappings.ts';
import type { MappingOptions } from '../mapping/table-mapping.ts';
import { startWriters } from '../testing/change-source.ts';
import { copyInto, targetSystem, verifyIn, type TargetSystem } from '../testing/copying.ts';
import { ALL_OPTIONS, sampleSource, type SampleSource } from '../testing/sample-source.ts';
import { installChangeLog } from './change-log.ts';
import { deleteSeen } from './changes.ts';
import { followOnce, type Followed } from './follow-once.ts';
import { locate } from './locate.ts';

/** What is refused becomes usable, and the reverse. */
const REFUSING: MappingOptions = {
  ...ALL_OPTIONS,
  ...{ equalEmails: null, fractions: null, negative: null, noRecipient: null, future: null },
};

let source: SampleSource;
const systems: TargetSystem[] = [];

beforeAll(async () => {
  source = await sampleSource(40, 120);
  await installChangeLog(source.url);
  for (const options of [ALL_OPTIONS, REFUSING]) {
    const system = await targetSystem();
    systems.push(system);
    await copyInto(system, source.url, { options });
  }
}, 90_000);
afterAll(async () => {
  for (const system of systems) await system.close();
  await source?.drop();
});

const follow = async (system: TargetSystem): Promise<Followed> => {
  const opened = await openSource(source.url);
  const targets = await openTargets(system.env);
  try {
    await lockTargets(targets);
    return await followOnce({ source: opened, targets, mappings: MAPPINGS });
  } finally {
    await closeTargets(targets);
    await opened.close();
  }
};

/** The targets are equal to what the mapping makes of the source now. */
const expectEqual = async (): Promise<void> => {
  for (const system of systems) {
    await follow(system);
    expect((await verifyIn(system, source.url)).findings).toEqual({ count: 0, shown: [] });
  }
};

it('finds the rows of all tables that are filled', () => {
  for (const { table, targets } of MAPPINGS)
    for (const target of targets) expect(locate(table, target, ['id'], ALL_OPTIONS)).toMatch(/any\(array/);
});

it('applies nothing where nothing has changed', async () => {
  expect(await follow(systems[0] as TargetSystem)).toEqual({ changes: 0, rows: 0, oldestAgeMs: 0 });
});

it('refuses a system that lacks changes which were deleted because another one has them', async () => {
  const [first, second] = systems as [TargetSystem, TargetSystem];
  await source.client.query('update system_config set updated_at = now()');
  await follow(first);
  await eventually(async () => {
    const { rows } = await source.client.query<{ now: string }>('select pg_current_snapshot()::text as now');
    expect(await deleteSeen(source.client, [rows[0]?.now ?? ''])).toBeGreaterThan(0);
  });
  await expect(follow(first)).resolves.toMatchObject({ changes: 0 });
  await expect(follow(second)).rejects.toThrow('no longer what these databases lack');
  await copyInto(second, source.url, { options: REFUSING, startOver: true });
  await expectEqual();
});

it.each([1, 2, 3])(
  'follows changes of several transactions at once, drawn with %i',
  async (seed) => {
    const writers = await startWriters(source.url, seed);
    try {
      for (const count of [5, 40]) {
        await writers.change(count);
        await expectEqual();
      }
    } finally {
      await writers.close();
    }
    await expectEqual();
  },
  60_000,
);
