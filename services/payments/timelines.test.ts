import { payments } from '../../shared/contracts/payments.ts';
import { startPayments, type PaymentsApp } from './testing/start-payments.ts';

let app: PaymentsApp;
beforeAll(async () => {
  app = await startPayments();
});
afterAll(() => app.stop());

test('timelines of many payments are those of each, for whom each may be read by', async () => {
  const good = await app.pay({}, 'good');
  const declined = await app.pay({ paymentMethod: 'pm_card_chargeDeclined' }, 'declined');
  await app.reaches(good.id, 'completed');
  await app.reaches(declined.id, 'failed');
  const ids = [good.id, declined.id, `pay_${'0'.repeat(32)}`];
  const admin = await app.user('ADMIN', 'admin@example.com');
  for (const as of [app.customer, app.vendor, admin]) {
    const { items } = await app.call(payments.actions.timelines, { ids }, { as });
    const one = (id: typeof good.id) => app.call(payments.actions.get, { id }, { as });
    const expected = await Promise.all([good, declined].map(async ({ id }) => (await one(id)).timeline));
    const found = new Map(items.map(({ id, timeline }) => [id, timeline]));
    expect([found.size, found.get(good.id), found.get(declined.id)]).toEqual([2, ...expected]);
  }
  const stranger = await app.user('VENDOR', 'stranger@example.com');
  expect(await app.call(payments.actions.timelines, { ids }, { as: stranger })).toEqual({ items: [] });
});
