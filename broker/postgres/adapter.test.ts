import { ServiceBroker } from 'moleculer';
import { openTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { adapterMixin } from './adapter.ts';

type Adapter = { find(filters: object): Promise<{ word: string }[]>; insert(row: object): Promise<unknown> };

let made: TestDatabase;
let broker: ServiceBroker;
beforeAll(async () => {
  made = await openTestDatabase();
  await made.db.query('create table words (word text primary key)');
  broker = new ServiceBroker({ logger: false });
});
afterAll(async () => {
  await broker.stop();
  await made.end();
});

it("moleculer-db's adapter works on the service's pool, publishes nothing and leaves it open", async () => {
  const model = {
    name: 'words',
    define: { word: { type: 'text', primaryKey: true } },
    options: { timestamps: false, freezeTableName: true },
  };
  const service = broker.createService({ name: 'words', ...adapterMixin(made.db, model) });
  await broker.start();
  const { adapter } = service as unknown as { adapter: Adapter };
  await Promise.all(['a', 'b', 'c', 'd', 'e'].map((word) => adapter.insert({ word })));
  expect(await adapter.find({ query: { word: 'c' } })).toMatchObject([{ word: 'c' }]);
  const { max, open } = made.db.poolUse();
  expect(open).toBeLessThanOrEqual(max);
  expect(open).toBeGreaterThan(0);
  expect(Object.keys(service.schema.actions ?? {})).toEqual([]);
  await broker.destroyService(service);
  expect(await made.db.query('select count(*)::int as count from words')).toEqual([{ count: 5 }]);
});
