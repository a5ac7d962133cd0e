import type { Queryable } from '../../broker/postgres/database.ts';
import { eventually } from '../../broker/testing/eventually.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import { payments } from '../../shared/contracts/payments.ts';
import { profile } from '../../shared/contracts/profile.ts';
import { realtime } from '../../shared/contracts/realtime.ts';
import { startWorld, type World } from './world.ts';

/** What keeps a name or an address for a while: events of a week, and answers to repeated requests. */
const KEPT = ['published_events', 'event_queue', 'outbox', 'inbox', 'idempotency_keys'];

let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 60_000);
afterAll(() => world?.services.stop());

/** The tables of a database of which a row holds the text, beside those of `KEPT`. */
const tablesWith = async (db: Queryable, text: string): Promise<string[]> => {
  const tables = await db.query<{ name: string }>(
    `select table_name as name from information_schema.tables
     where table_schema = 'public' and table_type = 'BASE TABLE'`,
  );
  const found: string[] = [];
  for (const { name } of tables.filter((table) => !KEPT.includes(table.name))) {
    const rows = await db.query(`select 1 from "${name}" as t where t::text ilike $1 limit 1`, [`%${text}%`]);
    if (rows.length > 0) found.push(name);
  }
  return found;
};

/** The tables that have the name of each user. */
const COPIES = ['auth.users', 'payments.parties', 'realtime.people'];
const SERVICES = ['auth', 'payments', 'profile', 'realtime', 'processor-sandbox'];
const placesOf = async (text: string): Promise<string[]> => {
  const found = await Promise.all(
    SERVICES.map(async (name) =>
      (await tablesWith(world.services.service(name).db, text)).map((table) => `${name}.${table}`),
    ),
  );
  return found.flat().sort();
};

test('the name and the address of a closed account are in no table; its payments stay', async () => {
  const { payer, payee, admin, paymentId, services } = world;
  const unique = 'Wilhelmina Zzyzx';
  const id = payer.caller.userId;
  const as = admin.caller;
  await services.call(auth.actions.editUser, { id, name: unique, reason: 'A name to look for' }, { as });
  // The notice of an earlier payment may be made with this name, too.
  await eventually(async () => {
    expect(await placesOf(unique)).toEqual(expect.arrayContaining(COPIES));
  });
  const order = { payee: { email: payee.email }, amountMinor: 77, currency: 'EUR' as const };
  const params = { ...order, paymentMethod: 'pm_card_visa' as const };
  await services.call(payments.actions.create, params, { as: payer.caller, idempotencyKey: 'named' });
  const noticesOf = async () =>
    (await services.call(realtime.actions.notifications, {}, { as: payee.caller })).items.filter(
      ({ content }) => content.type === 'payment_received',
    );
  await eventually(async () => (await noticesOf()).length === 2, 15_000);
  const mine = { as: payer.caller };
  await services.call(profile.actions.saveDetails, { version: 0, biography: `I am ${unique}` }, mine);
  await services.call(profile.actions.exportData, {}, mine);
  await eventually(
    async () => (await services.call(profile.actions.dataExport, {}, mine)).export?.state === 'ready',
  );
  expect(await placesOf(unique)).toEqual(
    expect.arrayContaining(['realtime.notifications', 'profile.details', 'profile.export_parts']),
  );

  await services.call(auth.actions.closeUser, { id, reason: 'The user asked for it' }, { as });
  // Messages to the payee are kept for 25 hours for pages that reconnect.
  await eventually(async () => (await placesOf(unique)).join() === 'realtime.messages', 10_000);
  expect(await placesOf(payer.email)).toEqual([]);
  const payment = await services.call(payments.actions.get, { id: paymentId }, { as: payee.caller });
  expect(payment).toMatchObject({ status: 'completed', payer: { id, name: 'Closed account' } });
  expect((await noticesOf()).map(({ content }) => 'name' in content && content.name)).toEqual([
    'Closed account',
    'Closed account',
  ]);
  const found = await services.call(payments.actions.list, { q: 'Zzyzx' }, { as: payee.caller });
  expect(found.items).toEqual([]);
}, 60_000);
