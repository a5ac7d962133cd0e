import { payments } from '../../shared/contracts/payments.ts';
import { startPayments, type PaymentsApp } from './testing/start-payments.ts';

let app: PaymentsApp;
beforeAll(async () => {
  app = await startPayments({ PAYMENTS_DRIVER_SLOTS: '0' });
});
afterAll(() => app.stop());

it('recent payees are the vendors that were paid last, once each, while they can be paid', async () => {
  const payer = await app.user('CUSTOMER', 'regular@example.com');
  const recent = async () => app.call(payments.actions.recentPayees, {}, { as: payer });
  expect(await recent()).toEqual({ items: [], currency: null });
  const shops = [];
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'closed']) {
    const email = `shop-${name}@example.com`;
    shops.push({ id: (await app.user('VENDOR', email)).userId, email });
    await app.pay({ payee: { email } }, email, payer);
  }
  await app.pay({ payee: { email: 'shop-a@example.com' }, currency: 'JPY' }, 'a-again', payer);
  const [a, b, c, d, e, f, closed] = shops.map(({ id }) => id);
  const idsNow = async () => (await recent()).items.map(({ id }) => id);
  expect(await idsNow()).toEqual([a, closed, f, e, d]);
  await app.service('payments').db.query("update parties set status = 'suspended' where id = $1", [closed]);
  expect(await idsNow()).toEqual([a, f, e, d, c]);
  expect(await recent()).toMatchObject({
    items: [{ email: 'shop-a@example.com', name: 'VENDOR shop-a@example.com' }, {}, {}, {}, {}],
    currency: 'JPY',
  });
  expect(await idsNow()).not.toContain(b);
});
