import { randomUUID } from 'node:crypto';
import { eventually } from '../../../broker/testing/eventually.ts';
import { connectToSource, openSource } from '../copy/source.ts';
import { closeTargets, openTargets, type Target } from '../copy/targets.ts';
import { installChangeLog } from '../follow/change-log.ts';
import { FENCED } from '../follow/change-log-sql.ts';
import { differencesSince } from '../follow/differences-since.ts';
import { followOnce } from '../follow/follow-once.ts';
import { MAPPINGS } from '../mapping/mappings.ts';
import { copyInto, targetSystem, verifyIn, type TargetSystem } from '../testing/copying.ts';
import { lostIn, startWriting } from '../testing/poc2-app.ts';
import { ALL_OPTIONS, sampleSource, type SampleSource } from '../testing/sample-source.ts';
import { cutOverAll, undoCutOver, type CutOverRequest } from './cut-over-all.ts';
import { raiseFence } from './fence.ts';
import { finishMove } from './finish.ts';

let source: SampleSource;
let system: TargetSystem;
let targets: Target[];
beforeAll(async () => {
  source = await sampleSource(60, 200);
  await installChangeLog(source.url);
  system = await targetSystem();
  await copyInto(system, source.url, { nowMs: Date.now(), options: ALL_OPTIONS });
});
beforeEach(async () => {
  targets = await openTargets(system.env);
});
afterEach(() => closeTargets(targets));
afterAll(async () => {
  await system.close();
  await source.drop();
});

const cutOver = (onStep?: CutOverRequest['onStep']) =>
  cutOverAll({ url: source.url, targets, mappings: MAPPINGS, say: () => undefined, onStep });

const takesWrites = (): Promise<boolean> =>
  source.client.query('update system_config set description = description').then(
    () => true,
    (error: Error) => {
      expect(error.message).toBe(FENCED);
      return false;
    },
  );

/** Databases that services may use. */
const opened = async (): Promise<string[]> => {
  const open: string[] = [];
  for (const { database } of targets) {
    const [row] = await system.query<{ closed: boolean }>(
      database,
      "select to_regclass('closed') is not null as closed",
    );
    if (!row?.closed) open.push(database);
  }
  return open;
};

test.each(['verified', 'fenced', 'drained'] as const)(
  'a failure when it has %s leaves POC-2 with its writes, and all closed',
  async (step) => {
    const failing = cutOver((at) => {
      if (at === step) throw new Error('lost');
    });
    await expect(failing).rejects.toThrow('lost');
    expect([await takesWrites(), await opened()]).toEqual([true, []]);
  },
);

test('a difference leaves POC-2 with its writes, and is named', async () => {
  const [user] = await system.query<{ id: string; name: string }>(
    'auth',
    'select id, name from users limit 1',
  );
  const rename = (name?: string) =>
    system.query('auth', 'update users set name = $2 where id = $1', [user?.id, name]);
  await rename('Another');
  const report = await cutOver();
  expect(report).toMatchObject({ outcome: 'different', verified: { findings: { count: 1 } } });
  expect([await takesWrites(), await opened()]).toEqual([true, []]);
  await rename(user?.name);
});

test('a fence that a killed run has left is lifted until everything is compared, or by undo', async () => {
  const mover = await connectToSource(source.url);
  await raiseFence(mover);
  const failing = cutOver(async (at) => {
    expect([at, await takesWrites()]).toEqual(['verified', true]);
    throw new Error('lost');
  });
  await expect(failing).rejects.toThrow('lost');
  await raiseFence(mover);
  expect(await takesWrites()).toBe(false);
  await undoCutOver(source.url);
  expect(await takesWrites()).toBe(true);
  await mover.close();
});

test('a row that is refused after everything was compared is named', async () => {
  const leaveOut = async (value: boolean) => {
    for (const { database } of targets)
      await system.query(database, 'update poc2_run set leaves_out = $1', [value]);
  };
  await leaveOut(false);
  const before = await openSource(source.url);
  await before.close();
  const id = randomUUID();
  await source.client.query(
    `insert into payments (id, sender_id, recipient_id, amount, status, type, updated_at)
     select $1, id, id, 1, 'completed', 'instant', now() from users limit 1`,
    [id],
  );
  const after = await openSource(source.url);
  const request = { source: after, targets, mappings: MAPPINGS };
  await followOnce(request);
  const { refused } = await differencesSince(request, before.snapshot);
  expect(refused).toEqual([expect.stringContaining(`payments ${id}: `)]);
  await after.close();
  await source.client.query('delete from payments where id = $1', [id]);
  await leaveOut(true);
});

test('rows that changed after everything was compared are compared once more', async () => {
  const before = await openSource(source.url);
  await before.close();
  await source.client.query(
    "update users set name = 'Late' where id = (select min(id) from users where role = 'VENDOR')",
  );
  const after = await openSource(source.url);
  const request = { source: after, targets, mappings: MAPPINGS };
  await followOnce(request);
  expect(await differencesSince(request, before.snapshot)).toEqual({ rows: 0, refused: [] });
  const rename = (from: string, to: string) =>
    system.query('payments', 'update parties set name = $2 where name = $1', [from, to]);
  await rename('Late', 'Wrong');
  expect((await differencesSince(request, before.snapshot)).rows).toBe(1);
  await rename('Wrong', 'Late');
  await after.close();
});

test('nothing that POC-2 has acknowledged is lost, and what comes later is refused', async () => {
  const app = await startWriting(source.url, 200);
  const report = await cutOver(async (step) => {
    // Writes go on until the fence is up.
    if (step === 'verified')
      await eventually(() => {
        expect(app.acknowledged.payments.size).toBeGreaterThan(30);
      });
    if (step === 'opened one') throw new Error('killed');
  }).catch((error: Error) => error.message);
  expect(report).toBe('killed');
  expect([await takesWrites(), await opened()]).toEqual([false, ['auth']]);
  await expect(undoCutOver(source.url)).rejects.toThrow('Payloom is open');
  expect(await cutOver()).toMatchObject({ outcome: 'opened' });
  await app.stop();
  expect(await opened()).toEqual(targets.map(({ database }) => database));
  expect([...app.acknowledged.refused.keys()]).toEqual([FENCED]);
  expect(app.acknowledged.users.size).toBeGreaterThan(5);
  expect(await lostIn(targets, app.acknowledged)).toEqual([]);
  expect((await verifyIn(system, source.url)).findings.shown).toEqual([]);
});

test('the end removes everything but the old ids, once nobody uses POC-2', async () => {
  await expect(finishMove(source.url, targets, { force: false })).rejects.toThrow('is connected to');
  expect(await finishMove(source.url, targets, { force: true })).toBe(true);
  expect(await takesWrites()).toBe(true);
  for (const { database } of targets) {
    const left = await system.query<{ name: string }>(
      database,
      "select relname as name from pg_class where relname like 'poc2%' and relkind in ('r', 'i') order by 1",
    );
    expect(left.map(({ name }) => name).filter((name) => !/^poc2_ids/.test(name))).toEqual([]);
  }
  expect(await finishMove(source.url, targets, { force: true })).toBe(false);
  await expect(verifyIn(system, source.url)).rejects.toThrow('is finished');
});
