import { hash } from 'node:crypto';
import { payments, type Payment } from '../../shared/contracts/payments.ts';
import { startPayments, VENDOR_EMAIL, type PaymentsApp } from './testing/start-payments.ts';

let app: PaymentsApp;
beforeAll(async () => {
  app = await startPayments();
});
afterAll(() => app.stop());

describe('a payment of before, in a currency that has ended and above the limit of today', () => {
  const body = { payee: { email: VENDOR_EMAIL }, amountMinor: 1_234, paymentMethod: 'pm_card_visa' };
  let made: Payment;
  beforeAll(async () => {
    const { db } = app.service('payments');
    made = await app.pay({}, 'lev');
    await app.reaches(made.id, 'completed');
    const asSent = { payee: body.payee, amountMinor: 1_234, currency: 'BGN', paymentMethod: 'pm_card_visa' };
    await db.query('update idempotency_keys set body_hash = $1, fingerprint = null where key = $2', [
      hash('sha256', JSON.stringify(asSent), 'base64url'),
      'lev',
    ]);
    const change = "update payments set currency = 'BGN', amount_minor = 200000000 where id = $1";
    await db.query(change, [made.id]);
  });

  it('is listed, found by its currency and amount, shown and inspected', async () => {
    const money = { amountMinor: 200_000_000, currency: 'BGN' };
    const as = app.vendor;
    const filters = { currency: 'BGN', amountMin: 199_999_999 } as const;
    const { items } = await app.call(payments.actions.list, filters, { as });
    expect(items).toMatchObject([{ id: made.id, ...money }]);
    expect(await app.call(payments.actions.get, { id: made.id }, { as })).toMatchObject(money);
    const inspected = await app.call(payments.actions.inspect, { id: made.id }, { from: 'test' });
    expect(inspected).toMatchObject(money);
  });

  it('stays the answer of its key', async () => {
    const answer = await app.send(
      payments.actions.create,
      { ...body, currency: 'BGN' },
      { as: app.customer, idempotencyKey: 'lev' },
    );
    expect(answer).toMatchObject({ replayed: true, result: { id: made.id } });
  });
});
