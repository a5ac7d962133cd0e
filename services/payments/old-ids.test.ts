import { openTestDatabase, type TestDatabase } from '../../broker/testing/test-database.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import { payments } from '../../shared/contracts/payments.ts';
import { startPayments, type PaymentsApp } from './testing/start-payments.ts';
import { OLD_IDS } from '../../scripts/poc2/mapping/ids.ts';

const OLD_ID = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff';
const UNKNOWN = '7f9619ff-8b86-4d01-b42d-00cf4fc964ff';

let database: TestDatabase;
let app: PaymentsApp;
beforeAll(async () => {
  database = await openTestDatabase({ migrations: new URL('./migrations/', import.meta.url) });
  await database.db.query(`create table ${OLD_IDS.table} (${OLD_IDS.columns})`);
  app = await startPayments({ PAYMENTS_DATABASE_URL: database.url, PAYMENTS_DRIVER_SLOTS: '0' });
  const { id } = await app.pay({}, 'old-ids');
  await database.db.query(`insert into ${OLD_IDS.table} values ($1, $2)`, [OLD_ID, id]);
});
afterAll(async () => {
  await app?.stop();
  await database?.end();
});

const { get, cancel } = payments.actions;

test('a payment is found by the id that it had in POC-2, by those who may read it', async () => {
  const found = await app.call(get, { id: OLD_ID }, { as: app.customer });
  expect(found.id).toMatch(/^pay_/);
  expect(found).toEqual(await app.call(get, { id: found.id }, { as: app.customer }));
  expect(await app.call(get, { id: OLD_ID }, { as: app.vendor })).toMatchObject({ id: found.id });
  const stranger = await app.user('CUSTOMER', 'stranger@example.com');
  await expect(app.call(get, { id: OLD_ID }, { as: stranger })).rejects.toMatchObject({
    code: 'payment_not_found',
  });
});

test('only its payer cancels it by its old id', async () => {
  await expect(app.call(cancel, { id: OLD_ID }, { as: app.vendor })).rejects.toMatchObject({
    code: 'payment_not_found',
  });
  expect(await app.call(cancel, { id: OLD_ID }, { as: app.customer })).toMatchObject({ status: 'cancelled' });
});

test.each([UNKNOWN, UNKNOWN.toUpperCase()])('an id that nothing had, %s, is not found', async (id) => {
  await expect(app.call(get, { id }, { as: app.customer })).rejects.toMatchObject({
    code: 'payment_not_found',
  });
});

test.each([`${OLD_ID} `, OLD_ID.replaceAll('-', ''), `{${OLD_ID}}`])('%j is no id', async (id) => {
  await expect(app.call(get, { id }, { as: app.customer })).rejects.toMatchObject({ code: 'invalid_params' });
});

test('where nothing was copied from POC-2, its ids are none', async () => {
  await expect(app.call(auth.actions.findUser, { id: UNKNOWN }, { from: 'test' })).rejects.toMatchObject({
    code: 'invalid_params',
  });
});
