import { eventually } from '../../broker/testing/eventually.ts';
import { admin } from '../../shared/contracts/admin/admin.ts';
import type { Caller } from '../../broker/calls/envelope.ts';
import type { AdminService } from './admin.ts';
import { deleteBefore, insertSample } from './persistence/system.ts';
import { startAdmin, type AdminApp } from './testing/start-admin.ts';

let app: AdminApp;
let as: Caller;
beforeAll(async () => {
  app = await startAdmin();
  as = app.administrator;
}, 60_000);
afterAll(() => app.stop());

const system = () => eventually(() => app.call(admin.actions.system, {}, { as }).catch(() => false as const));
const isSeen = (check: () => Promise<boolean>) => eventually(check, 5_000);

describe('in one process', () => {
  it('it says that queues are in databases, and what it depends on', async () => {
    const { rabbitmq, processes, services } = await system();
    expect(rabbitmq).toBeNull();
    expect(processes).toMatchObject([{ services: ['admin', 'auth'], state: 'up', replica: '1' }]);
    expect(processes[0]?.dependencies).toContainEqual(
      expect.objectContaining({ name: 'admin database', ok: true, optional: false }),
    );
    const own = services.find(({ name }) => name === 'admin');
    expect(own).toMatchObject({ queue: { dead: 0, consumers: null }, pool: { max: 10 } });
  });

  it('an outbox that nobody empties and a queue that nobody handles are seen', async () => {
    const { db } = app.service('admin');
    await db.query(
      `insert into outbox (id, event, version, payload, occurred_at)
       select 'evt_' || n, 'admin.unknown', 1, '{}', now() - interval '1 min' from generate_series(1, 7) n`,
    );
    await db.query(
      `insert into event_queue (id, event, version, payload, occurred_at, dead_at, cause)
       values ('evt_dead', 'auth.user-changed', 1, '{}', now(), now(), 'a test')`,
    );
    const own = async () => (await system()).services.find(({ name }) => name === 'admin');
    await isSeen(async () => (await own())?.queue?.dead === 1);
    expect((await system()).deadLetters).toBe(1);
  });

  it('a dependency that fails is named with its reason', async () => {
    const service = app.service('admin') as AdminService;
    const query = service.db.query;
    service.db.query = (async (sql: string, values: unknown[]) => {
      if (sql === 'select 1') throw new Error('connection refused');
      return query(sql, values);
    }) as typeof query;
    const database = async () =>
      (await system()).processes[0]?.dependencies.find(({ name }) => name === 'admin database');
    await isSeen(async () => (await database())?.ok === false);
    expect(await database()).toMatchObject({ reason: 'connection refused' });
    service.db.query = query;
    await isSeen(async () => (await database())?.ok === true);
  });
});

describe('the history', () => {
  it('has one sample for each time, although several processes write it, for an hour', async () => {
    const { db } = app.service('admin');
    const figures = { up: 1, down: 0, waiting: 2, retrying: 0, dead: 0, outboxRows: 0, outboxOldestS: 0 };
    const [old, recent] = [new Date(Date.now() - 3_700_000), new Date(Date.now() - 1_800_000)];
    for (const at of [old, recent, recent]) await insertSample(db, { ...figures, at: at.toISOString() });
    await deleteBefore(db, new Date(Date.now() - 3_600_000));
    const { samples } = await app.call(admin.actions.systemHistory, {}, { as });
    expect(samples.filter(({ at }) => at === recent.toISOString())).toHaveLength(1);
    expect(samples.filter(({ at }) => at === old.toISOString())).toHaveLength(0);
    expect(await db.query('select from system_samples where at = $1', [old])).toHaveLength(0);
  });

  it('keeps the last word on a process that may still be there', async () => {
    const { db } = app.service('admin');
    const insert = `insert into system_changes (at, node_id, services, state)
      values (now() - interval '2 hours', $1, '{peer}', $2)`;
    await db.query(insert, ['peer-7-aaaaaa', 'up']);
    await db.query(insert, ['peer-8-bbbbbb', 'died']);
    await deleteBefore(db, new Date(Date.now() - 3_600_000));
    const left = await db.query<{ node_id: string }>(
      "select node_id from system_changes where node_id like 'peer-%'",
    );
    expect(left).toEqual([{ node_id: 'peer-7-aaaaaa' }]);
  });
});
