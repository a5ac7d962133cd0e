import { hash } from 'node:crypto';
import { payments } from '../../shared/contracts/payments.ts';
import { startPayments, VENDOR_EMAIL, type PaymentsApp } from './testing/start-payments.ts';

let app: PaymentsApp;
beforeAll(async () => {
  app = await startPayments();
});
afterAll(() => app.stop());

describe('an idempotency key', () => {
  it('used fifty times at once creates one payment and gives one answer', async () => {
    const body = { amountMinor: 777 };
    const all = await Promise.all(Array.from({ length: 50 }, () => app.pay(body, 'fifty')));
    expect(new Set(all.map((payment) => JSON.stringify(payment))).size).toBe(1);
  });

  it('answers a repeated request as the first, also when the payment has moved on', async () => {
    const first = await app.pay({}, 'again');
    await app.reaches(first.id, 'completed');
    const { result, replayed } = await app.send(
      payments.actions.create,
      { payee: { email: VENDOR_EMAIL }, amountMinor: 1_234, currency: 'EUR', paymentMethod: 'pm_card_visa' },
      { as: app.customer, idempotencyKey: 'again' },
    );
    expect(replayed).toBe(true);
    expect(JSON.stringify(result)).toBe(JSON.stringify(first));
  });

  it('knows a repeated request whose fields are in another order', async () => {
    const body = { metadata: { order: '7', 'a.b': 'x', z: '' } };
    const first = await app.pay(body, 'reordered');
    const { result, replayed } = await app.send(
      payments.actions.create,
      {
        metadata: { z: '', 'a.b': 'x', order: '7' },
        paymentMethod: 'pm_card_visa',
        currency: 'EUR',
        amountMinor: 1_234,
        payee: { email: VENDOR_EMAIL },
      },
      { as: app.customer, idempotencyKey: 'reordered' },
    );
    expect(replayed).toBe(true);
    expect(JSON.stringify(result)).toBe(JSON.stringify(first));
    await expect(app.pay({ metadata: { ...body.metadata, z: ' ' } }, 'reordered')).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    });
  });

  it('of a process of the version before, which stored no fingerprint, is answered alike', async () => {
    const body = { metadata: { z: '1', a: '2' } };
    const first = await app.pay(body, 'before');
    const { db } = app.service('payments');
    await db.query("update idempotency_keys set fingerprint = null where key = 'before'");
    expect(JSON.stringify(await app.pay(body, 'before'))).toBe(JSON.stringify(first));
    await expect(app.pay({ ...body, amountMinor: 5 }, 'before')).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    });
    // A process of that version finds the hash that it compares.
    const [stored] = await db.query<{ body_hash: string }>(
      "select body_hash from idempotency_keys where key = 'before'",
    );
    const params = {
      payee: { email: VENDOR_EMAIL },
      amountMinor: 1_234,
      currency: 'EUR',
      paymentMethod: 'pm_card_visa',
      ...body,
    };
    expect(stored?.body_hash).toBe(hash('sha256', JSON.stringify(params), 'base64url'));
  });

  it('refuses another body and leaves other callers alone', async () => {
    const first = await app.pay({}, 'shared');
    await expect(app.pay({ amountMinor: 5 }, 'shared')).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    });
    const other = await app.user('CUSTOMER', 'other@example.com');
    expect((await app.pay({}, 'shared', other)).id).not.toBe(first.id);
  });

  it('is not used up by a refused request', async () => {
    await expect(app.pay({ payee: { email: 'nobody@example.com' } }, 'refused')).rejects.toMatchObject({
      code: 'payee_unknown',
    });
    await expect(app.pay({}, 'refused')).resolves.toMatchObject({ status: 'pending' });
  });

  it.each([
    [null, 'idempotency_key_missing'],
    ['', 'idempotency_key_missing'],
    ['k'.repeat(256), 'idempotency_key_invalid'],
    ['two words', 'idempotency_key_invalid'],
  ])('%j is refused as %s', async (key, code) => {
    await expect(app.pay({}, key as string)).rejects.toMatchObject({ code });
  });
});
