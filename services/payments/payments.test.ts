import type { Caller } from '../../broker/calls/envelope.ts';
import { newId } from '../../broker/process/ids.ts';
import { payments, type Payment, type PaymentListParams } from '../../shared/contracts/payments.ts';
import { eventually } from '../../broker/testing/eventually.ts';
import { startPayments, VENDOR_EMAIL, type PaymentsApp } from './testing/start-payments.ts';

let app: PaymentsApp;
beforeAll(async () => {
  app = await startPayments({ SANDBOX_PENDING_MS: '60000' });
});
afterAll(() => app.stop());

const STEPS = 'select step from processor_operations where payment_id = $1';

const sums = async (id: string) => {
  const rows = await app
    .service('payments')
    .db.query<{ account: string; sum: string }>(
      'select account, sum(amount_minor) from postings where payment_id = $1 group by account',
      [id],
    );
  return Object.fromEntries(rows.map((row) => [row.account, Number(row.sum)]));
};

describe('a payment', () => {
  it('with a good card completes by itself, and the payee has the money', async () => {
    const opened = await app.pay({ description: 'Lunch' }, 'good-card');
    expect(opened).toMatchObject({ status: 'pending', amountMinor: 1_234, currency: 'EUR', version: 1 });
    await app.reaches(opened.id, 'completed');
    expect(await sums(opened.id)).toEqual({
      processor_clearing: 1_234,
      payee_pending: 0,
      payee_available: -1_234,
    });
    const seen = await app.call(payments.actions.get, { id: opened.id }, { as: app.vendor });
    expect(seen.timeline.map((entry) => entry.status)).toEqual(['pending', 'processing', 'completed']);
  });

  it('with a declined card fails, gives the reason to the payer only, and moves no money', async () => {
    const opened = await app.pay({ paymentMethod: 'pm_card_chargeDeclined' }, 'bad-card');
    const failed = await app.reaches(opened.id, 'failed');
    expect(failed.failure).toEqual({ code: 'generic_decline' });
    expect(await sums(opened.id)).toEqual({ processor_clearing: 0, payee_pending: 0 });
    const seen = await app.call(payments.actions.get, { id: opened.id }, { as: app.vendor });
    expect(seen.failure).toEqual({ code: 'payment_failed' });
  });

  it('shows the payee the brand of the card alone, whose name would reveal why it was declined', async () => {
    const opened = await app.pay({ paymentMethod: 'pm_card_chargeDeclinedExpiredCard' }, 'brand');
    const failed = await app.reaches(opened.id, 'failed');
    expect(failed.paymentMethod).toBe('pm_card_chargeDeclinedExpiredCard');
    const seen = await app.call(payments.actions.get, { id: opened.id }, { as: app.vendor });
    expect(seen.paymentMethod).toBe('visa');
    const listed = await app.call(payments.actions.list, {}, { as: app.vendor });
    const events = await app
      .service('payments')
      .db.query('select payload from published_events union all select payload from outbox');
    expect(events.length).toBeGreaterThan(0);
    const revealing = /pm_card|expired/i;
    expect([seen, listed, events].filter((answer) => revealing.test(JSON.stringify(answer)))).toEqual([]);
  });

  it('that is slow at the bank stays pending and can be cancelled, once and for all', async () => {
    const opened = await app.pay({ paymentMethod: 'pm_card_pending' }, 'slow-card');
    const db = app.service('payments').db;
    await eventually(async () => {
      const [row] = await db.query<{ step: string }>(STEPS, [opened.id]);
      return row?.step === 'await';
    });
    const cancelled = await app.call(payments.actions.cancel, { id: opened.id }, { as: app.customer });
    expect(cancelled.status).toBe('cancelled');
    await expect(app.call(payments.actions.cancel, { id: opened.id }, { as: app.customer })).resolves.toEqual(
      cancelled,
    );
    await eventually(async () => {
      const steps = await db.query<{ step: string }>(STEPS, [opened.id]);
      return steps.length === 2 && steps.every(({ step }) => step === 'done');
    });
    expect(await sums(opened.id)).toEqual({ processor_clearing: 0, payee_pending: 0 });
  });

  it('that is completed cannot be cancelled', async () => {
    const opened = await app.pay({}, 'too-late');
    await app.reaches(opened.id, 'completed');
    await expect(
      app.call(payments.actions.cancel, { id: opened.id }, { as: app.customer }),
    ).rejects.toMatchObject({
      code: 'payment_not_pending',
    });
  });

  it('is seen by payer and payee and does not exist for others', async () => {
    const stranger = await app.user('CUSTOMER', 'stranger@example.com');
    const opened = await app.pay({ metadata: { order: '7' } }, 'not-yours');
    const seen = await app.call(payments.actions.get, { id: opened.id }, { as: app.vendor });
    expect(seen.metadata).toEqual({});
    for (const action of [payments.actions.get, payments.actions.cancel]) {
      await expect(app.call(action, { id: opened.id }, { as: stranger })).rejects.toMatchObject({
        code: 'payment_not_found',
      });
    }
  });
});

describe('payment inspection', () => {
  it('returns everything about a payment, to services only', async () => {
    const opened = await app.pay({}, 'inspect');
    await app.reaches(opened.id, 'completed');
    const inspect = await app.call(payments.actions.inspect, { id: opened.id }, { from: 'test' });
    expect(inspect.idempotencyKey).toBe('inspect');
    expect(inspect.timeline.map(({ status }) => status)).toEqual(['pending', 'processing', 'completed']);
    expect(inspect.postings.reduce((sum, { amountMinor }) => sum + amountMinor, 0)).toBe(0);
    expect(inspect.operations).toEqual([
      {
        kind: 'charge',
        step: 'done',
        attempts: 1,
        nextAttemptAt: null,
        intentId: expect.stringMatching(/^pi_/) as string,
        keys: 1,
        stuck: null,
      },
    ]);
    await expect(
      app.call(payments.actions.inspect, { id: opened.id }, { as: app.customer }),
    ).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('a request to pay is refused', () => {
  beforeAll(() => app.user('CUSTOMER', 'buyer@example.com'));
  const digits = '4242 4242 4242 4242';
  it.each([
    ['an unknown field', { tip: 1 }, 'invalid_params', 'tip'],
    ['a fraction', { amountMinor: 1.5 }, 'invalid_params', 'amountMinor'],
    ['zero', { amountMinor: 0 }, 'invalid_params', 'amountMinor'],
    ['a negative amount', { amountMinor: -5 }, 'invalid_params', 'amountMinor'],
    ['an unsafe integer', { amountMinor: 2 ** 53 }, 'invalid_params', 'amountMinor'],
    ['text for an amount', { amountMinor: '12' }, 'invalid_params', 'amountMinor'],
    ['more than the maximum', { amountMinor: 100_000_000 }, 'amount_over_limit', 'amountMinor'],
    ['less than the minimum', { amountMinor: 49 }, 'amount_under_limit', 'amountMinor'],
    ['a currency that has ended', { currency: 'BGN' }, 'currency_unavailable', 'currency'],
    ['an unknown currency', { currency: 'XXX' }, 'invalid_params', 'currency'],
    [
      'a third decimal that cards do not have',
      { amountMinor: 1_001, currency: 'KWD' },
      'amount_step',
      'amountMinor',
    ],
    ['an unknown payee', { payee: { email: 'nobody@example.com' } }, 'payee_unknown', 'payee.email'],
    ['oneself as payee', { payee: { email: 'customer@example.com' } }, 'pay_oneself', 'payee.email'],
    ['a payee that is no vendor', { payee: { email: 'buyer@example.com' } }, 'payee_unknown', 'payee.email'],
    ['a malformed payee', { payee: { email: 'no address' } }, 'invalid_params', 'payee.email'],
    ['a long description', { description: 'x'.repeat(501) }, 'invalid_params', 'description'],
    ['a card number', { description: `card ${digits}` }, 'card_number_refused', 'description'],
    ['a card number in metadata', { metadata: { note: digits } }, 'card_number_refused', 'metadata.note'],
    ['an unknown payment method', { paymentMethod: 'pm_mine' }, 'invalid_params', 'paymentMethod'],
  ])('with %s', async (_what, body, code, path) => {
    const error = await app.pay(body, 'table').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, data: { errors: [{ path }] } });
  });

  it('with the limit of its currency, and with the day on which that ended', async () => {
    const over = { amountMinor: 100_000_000, currency: 'KWD' };
    await expect(app.pay(over, 'over')).rejects.toMatchObject({
      data: {
        errors: [
          {
            message: 'must be at most 99999990 (99999.990 KWD)',
            limit: { amountMinor: 99_999_990, currency: 'KWD' },
          },
        ],
      },
    });
    await expect(app.pay({ currency: 'BGN' }, 'over')).rejects.toMatchObject({
      message: 'BGN was replaced by EUR on 2026-01-01.',
    });
  });

  it('to a vendor who is suspended, or suspended oneself', async () => {
    const shop = await app.user('VENDOR', 'closed@example.com');
    await app.pay({ payee: { id: shop.userId } }, 'while-open');
    await app
      .service('payments')
      .db.query("update parties set status = 'suspended' where id = $1", [shop.userId]);
    await expect(app.pay({ payee: { id: shop.userId } }, 'closed')).rejects.toMatchObject({
      code: 'payee_unavailable',
    });
    await expect(app.pay({}, 'closed', shop)).rejects.toMatchObject({ code: 'forbidden' });
  });

  it("for now, to a payee whose address was another party's until a moment ago", async () => {
    const { db } = app.service('payments');
    await db.query(
      `insert into parties (id, email, name, role, status, version)
       values ('usr_before', 'moved@example.com', 'Before', 'VENDOR', 'active', 1)`,
    );
    const payee = { id: (await app.user('VENDOR', 'moved@example.com')).userId };
    await expect(app.pay({ payee }, 'moved')).rejects.toMatchObject({ code: 'unavailable' });
    await db.query("update parties set email = 'elsewhere@example.com' where id = 'usr_before'");
    expect(await app.pay({ payee }, 'moved')).toMatchObject({ payee: { email: 'moved@example.com' } });
  });

  it('from an administrator', async () => {
    const admin = await app.user('ADMIN', 'admin@example.com');
    await expect(app.pay({}, 'admin', admin)).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('an administrator', () => {
  let admin: Caller;
  let theirs: Payment;
  beforeAll(async () => {
    admin = await app.user('ADMIN', 'auditor@example.com');
    const other = await app.user('CUSTOMER', 'other-payer@example.com');
    theirs = await app.pay(
      { metadata: { order: '7' }, paymentMethod: 'pm_card_chargeDeclined' },
      'seen',
      other,
    );
    await app.pay({}, 'also-seen');
  });
  const list = async (filters: PaymentListParams, as = admin) =>
    (await app.call(payments.actions.list, filters, { as })).items;

  it('sees the payments of all users, or of one person, as their payers do', async () => {
    const all = await list({});
    expect(new Set(all.map(({ payer }) => payer.id)).size).toBeGreaterThan(1);
    expect(all.map(({ id }) => id)).toEqual(
      all
        .map(({ id }) => id)
        .toSorted()
        .toReversed(),
    );
    const { id: person } = theirs.payer;
    expect(await list({ person, direction: 'sent' })).toMatchObject([
      { id: theirs.id, metadata: { order: '7' } },
    ]);
    expect(await list({ person, direction: 'received' })).toEqual([]);
    const received = await list({ person: app.vendor.userId, direction: 'received', sort: '-amount' });
    expect(received.map(({ id }) => id)).toContain(theirs.id);
    expect((await list({ q: 'other-payer' })).map(({ id }) => id)).toEqual([theirs.id]);
    expect((await app.call(payments.actions.get, { id: theirs.id }, { as: admin })).id).toBe(theirs.id);
    const refused = list({ person }, app.customer);
    await expect(refused).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('sees the ledger, the processor and the webhooks of a payment, without card data', async () => {
    const records = await app.call(payments.actions.records, { id: theirs.id }, { as: admin });
    expect(records.postings.reduce((sum, { amountMinor }) => sum + amountMinor, 0)).toBe(0);
    expect(records.operations).toMatchObject([{ kind: 'charge' }]);
    expect(JSON.stringify(records)).not.toMatch(/card/i);
    const unknown = { id: newId('payment', 1) };
    await expect(app.call(payments.actions.records, unknown, { as: admin })).rejects.toMatchObject({
      code: 'payment_not_found',
    });
  });
});

describe('a slow bank', () => {
  it('that approves in the end completes the payment, also without a webhook', async () => {
    const patient = await startPayments({ SANDBOX_PENDING_MS: '200' });
    try {
      const opened = await patient.pay({ paymentMethod: 'pm_card_pending' }, 'patience');
      await patient.reaches(opened.id, 'completed', 10_000);
    } finally {
      await patient.stop();
    }
  });
});

describe('payees', () => {
  it('are active vendors whose name or address contains the text, without the caller', async () => {
    const search = (q: string, as = app.customer) => app.call(payments.actions.payees, { q }, { as });
    const found = await search('vendor@');
    expect(found.items).toEqual([{ id: app.vendor.userId, name: expect.any(String), email: VENDOR_EMAIL }]);
    expect((await search('vendor@', app.vendor)).items).toEqual([]);
    expect((await search('buyer@')).items).toEqual([]);
    expect((await search('%%')).items).toEqual([]);
    await expect(search('v')).rejects.toMatchObject({ code: 'invalid_params' });
  });
});

describe('the database', () => {
  it('refuses postings that do not balance, and any change to postings', async () => {
    const { db } = app.service('payments');
    const opened = await app.pay({}, 'unbalanced');
    const lopsided = db.query(
      `insert into postings (payment_id, movement, account, currency, amount_minor, at)
       values ($1, 'reversed', 'processor_clearing', 'EUR', -1, now())`,
      [opened.id],
    );
    await expect(lopsided).rejects.toThrow(/do not balance/);
    await expect(
      db.query('update postings set amount_minor = 1 where payment_id = $1', [opened.id]),
    ).rejects.toThrow(/never changed/);
  });
});
