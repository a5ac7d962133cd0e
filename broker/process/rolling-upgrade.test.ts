import * as z from 'zod/mini';
import { contract } from '../../shared/contracts/contract.ts';
import type { Database } from '../postgres/database.ts';
import { folderWith, removeFolders } from '../postgres/testing/migration-folders.ts';
import { eventually } from '../testing/eventually.ts';
import { startServices, type TestServices } from '../testing/start-services.ts';
import { openTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { defineService, type Service } from './service.ts';

const CLIENTS = 4;
const open = { summary: 'x', permission: 'anyone' as const, errors: [] };
const orders = contract('orders', {
  actions: {
    add: { ...open, idempotent: 'no', params: z.object({}), result: z.object({ id: z.int() }) },
  },
  events: {},
});

/** The old version's statement; it returns whatever columns the table has. */
const add = async ({ db }: Service) => {
  const [order] = await db.query<{ id: number }>('insert into orders default values returning *');
  return { id: order!.id };
};

const OLD = { '0001-orders.sql': 'create table orders (id serial primary key);' };
const NEW = {
  ...OLD,
  '0002-notes.sql': "-- compatible with 0001\nalter table orders add note text not null default '';",
  '0003-by-note.sql': `-- compatible with 0001
    -- no transaction
    create index concurrently if not exists orders_note on orders (note);`.replaceAll(/^ +/gm, ''),
};
const RENAMED = { ...NEW, '0004-rename.sql': 'alter table orders rename to purchases;' };

let made: TestDatabase;
let db: Database;
beforeEach(async () => {
  made = await openTestDatabase();
  ({ db } = made);
});
afterEach(async () => {
  await made.end();
  await removeFolders();
});

const upgradeTo = async (files: Record<string, string>) => made.migrate(await folderWith(files));

/** A version of the service, in production: it checks its database and does not migrate it. */
const start = async (files: Record<string, string>): Promise<TestServices> => {
  const database = { env: 'ORDERS_DATABASE_URL', migrations: await folderWith(files) };
  const definition = defineService({ contract: orders, config: z.object({}), actions: { add }, database });
  return startServices([definition], {
    env: { NODE_ENV: 'production', ORDERS_DATABASE_URL: made.url },
  });
};

/** Clients that call without a pause; `stop` resolves with the ids of all answers. */
const startLoad = (app: TestServices) => {
  const ids: number[] = [];
  let stopped = false;
  const client = async () => {
    while (!stopped) ids.push((await app.call(orders.actions.add, {})).id);
  };
  const clients = Promise.all(Array.from({ length: CLIENTS }, client));
  // A call that failed rejects at `stop`.
  clients.catch(() => undefined);
  const stop = async () => {
    stopped = true;
    await clients;
    return ids;
  };
  return { ids, stop };
};

it('an upgrade fails no call, and the old version starts again on the newer database', async () => {
  await upgradeTo(OLD);
  const old = await start(OLD);
  const load = startLoad(old);
  await eventually(() => load.ids.length > 100);
  expect(await upgradeTo(NEW)).toEqual(['0002-notes.sql', '0003-by-note.sql']);
  const migratedAt = load.ids.length;
  await eventually(() => load.ids.length > migratedAt + 100);
  const ids = await load.stop();
  await old.stop();

  for (const version of [NEW, OLD]) {
    const app = await start(version);
    ids.push((await app.call(orders.actions.add, {})).id);
    await app.stop();
  }
  const rows = await db.query<{ id: number }>('select id from orders order by id');
  expect(rows.map(({ id }) => id)).toEqual(ids.toSorted((a, b) => a - b));
});

it('the old version does not start on a database that is not compatible with it', async () => {
  await upgradeTo(RENAMED);
  await expect(start(NEW)).rejects.toThrow(
    'newer than this program and does not work with it: 0004-rename.sql requires its own program',
  );
});
