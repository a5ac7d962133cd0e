import { Stripe } from 'stripe';
import { eventually } from '../../broker/testing/eventually.ts';
import { failureOf, startTestSandbox, type TestSandbox } from './testing/start-sandbox.ts';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox?.stop());

describe('a payment through the official package', () => {
  it('is authorized, captured and charged once, and sends an event for each step', async () => {
    const intent = await sandbox.pay({ description: 'Täst & co = 1' });
    expect(intent).toMatchObject({
      status: 'requires_capture',
      amount_capturable: 1_234,
      amount_received: 0,
    });
    expect(await sandbox.chargesOf(intent.id)).toEqual([]);
    const captured = await sandbox.stripe.paymentIntents.capture(intent.id);
    expect(captured).toMatchObject({
      status: 'succeeded',
      amount_received: 1_234,
      description: 'Täst & co = 1',
    });
    const charges = await sandbox.chargesOf(intent.id);
    expect(charges).toHaveLength(1);
    expect(charges[0]).toMatchObject({
      id: captured.latest_charge,
      amount: 1_234,
      captured: true,
      metadata: intent.metadata,
    });
    await eventually(() => sandbox.webhookEventsOf(intent.id).length === 3);
    expect(sandbox.webhookEventsOf(intent.id).sort()).toEqual([
      'payment_intent.amount_capturable_updated',
      'payment_intent.created',
      'payment_intent.succeeded',
    ]);
  });

  it('sends only the events that its endpoint wants, and lists them all', async () => {
    const choosy = await startTestSandbox({
      SANDBOX_WEBHOOK_EVENTS: 'charge.refunded, payment_intent.succeeded',
    });
    try {
      const intent = await choosy.pay();
      await choosy.stripe.paymentIntents.capture(intent.id);
      await eventually(() => choosy.webhookEventsOf(intent.id).length > 0);
      expect(choosy.webhookEventsOf(intent.id)).toEqual(['payment_intent.succeeded']);
      const { data } = await choosy.stripe.events.list();
      expect(data.map(({ type }) => type).sort()).toEqual([
        'payment_intent.amount_capturable_updated',
        'payment_intent.created',
        'payment_intent.succeeded',
      ]);
    } finally {
      await choosy.stop();
    }
  });

  it('can be confirmed in a second step, and captured at once by default', async () => {
    const intent = await sandbox.stripe.paymentIntents.create({ amount: 500, currency: 'JPY' });
    expect(intent.status).toBe('requires_payment_method');
    const confirmed = await sandbox.stripe.paymentIntents.confirm(intent.id, {
      payment_method: 'pm_card_visa',
    });
    expect(confirmed.status).toBe('succeeded');
    expect(await sandbox.stripe.paymentIntents.retrieve(intent.id)).toMatchObject({ status: 'succeeded' });
  });

  it.each([
    ['pm_card_chargeDeclined', 'card_declined', 'generic_decline'],
    ['pm_card_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
    ['pm_card_chargeDeclinedExpiredCard', 'expired_card', 'expired_card'],
    ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc', 'incorrect_cvc'],
    ['pm_card_chargeDeclinedProcessingError', 'processing_error', 'processing_error'],
  ])('%s is declined as Stripe declines it', async (method, code, declineCode) => {
    const error = await failureOf(sandbox.pay({ payment_method: method }));
    expect(error).toBeInstanceOf(Stripe.errors.StripeCardError);
    expect(error).toMatchObject({ statusCode: 402, code, decline_code: declineCode });
    expect(error.payment_intent).toMatchObject({
      status: 'requires_payment_method',
      last_payment_error: { code },
    });
  });

  it('stays pending with the slow card, then can be captured', async () => {
    const intent = await sandbox.pay({ payment_method: 'pm_card_pending' });
    expect(intent.status).toBe('processing');
    await eventually(
      async () => (await sandbox.stripe.paymentIntents.retrieve(intent.id)).status === 'requires_capture',
    );
    await eventually(() =>
      sandbox.webhookEventsOf(intent.id).includes('payment_intent.amount_capturable_updated'),
    );
  });

  it('can be cancelled while it is pending, and is then never captured', async () => {
    const intent = await sandbox.pay({ payment_method: 'pm_card_pending' });
    expect((await sandbox.stripe.paymentIntents.cancel(intent.id)).status).toBe('canceled');
    const error = await failureOf(sandbox.stripe.paymentIntents.capture(intent.id));
    expect(error).toMatchObject({ statusCode: 400, code: 'payment_intent_unexpected_state' });
    expect(error.payment_intent).toMatchObject({ status: 'canceled' });
  });

  it('refunds no more than was captured', async () => {
    const intent = await sandbox.pay();
    const early = await failureOf(sandbox.stripe.refunds.create({ payment_intent: intent.id }));
    expect(early.code).toBe('payment_intent_unexpected_state');
    await sandbox.stripe.paymentIntents.capture(intent.id);
    expect(await sandbox.stripe.refunds.create({ payment_intent: intent.id, amount: 234 })).toMatchObject({
      amount: 234,
    });
    expect(
      (await failureOf(sandbox.stripe.refunds.create({ payment_intent: intent.id, amount: 1_001 }))).param,
    ).toBe('amount');
    expect(await sandbox.stripe.refunds.create({ payment_intent: intent.id })).toMatchObject({
      amount: 1_000,
    });
    const late = await failureOf(sandbox.stripe.refunds.create({ payment_intent: intent.id }));
    expect(late.code).toBe('charge_already_refunded');
    expect((await sandbox.chargesOf(intent.id))[0]).toMatchObject({ amount_refunded: 1_234, refunded: true });
    expect((await sandbox.stripe.refunds.list({ payment_intent: intent.id })).data).toHaveLength(2);
    await eventually(
      () => sandbox.webhookEventsOf(intent.id).filter((type) => type === 'charge.refunded').length === 2,
    );
  });

  it('is listed newest first, page by page, from a given second on', async () => {
    const since = Math.floor(Date.now() / 1_000);
    const ids: string[] = [];
    for (let index = 0; index < 5; index++)
      ids.unshift((await sandbox.pay({ metadata: { list: 'yes' } })).id);
    const found: string[] = [];
    for await (const one of sandbox.stripe.paymentIntents.list({ created: { gte: since }, limit: 2 }))
      found.push(one.id);
    expect(found.slice(0, 5)).toEqual(ids);
    const none = await sandbox.stripe.paymentIntents.list({ created: { gte: since + 1_000 } });
    expect(none).toMatchObject({ object: 'list', data: [], has_more: false });
    expect((await sandbox.stripe.events.list({ limit: 1 })).data[0]).toMatchObject({ object: 'event' });
  });
});

describe('idempotency keys', () => {
  it('one key gives one charge and one answer, replayed as such', async () => {
    const metadata = { payment_id: 'once' };
    const one = await sandbox.pay({ metadata }, 'key-once');
    const two = await sandbox.pay({ metadata }, 'key-once');
    expect(two).toEqual(one);
    expect(two.lastResponse.headers['idempotent-replayed']).toBe('true');
    expect(one.lastResponse.headers['idempotent-replayed']).toBeUndefined();
    expect(await sandbox.intentsOf('once')).toHaveLength(1);
  });

  it('fifty requests at once with one key make one PaymentIntent', async () => {
    const metadata = { payment_id: 'crowd' };
    const all = await Promise.allSettled(
      Array.from({ length: 50 }, () => sandbox.pay({ metadata }, 'key-crowd')),
    );
    const ids = new Set(all.flatMap((one) => (one.status === 'fulfilled' ? [one.value.id] : [])));
    expect(ids.size).toBe(1);
    const statuses = all.flatMap((one) =>
      one.status === 'rejected' ? [(one.reason as { statusCode?: number }).statusCode] : [],
    );
    expect(statuses.every((status) => status === 409)).toBe(true);
    expect(await sandbox.intentsOf('crowd')).toHaveLength(1);
  });

  it('a decline is replayed as a decline', async () => {
    const declined = { payment_method: 'pm_card_chargeDeclined', metadata: { payment_id: 'no' } };
    const one = await failureOf(sandbox.pay(declined, 'key-declined'));
    const two = await failureOf(sandbox.pay(declined, 'key-declined'));
    expect(two.payment_intent?.id).toBe(one.payment_intent?.id);
    expect(two.headers?.['idempotent-replayed']).toBe('true');
  });

  it('a key with other parameters is an idempotency error', async () => {
    await sandbox.pay({ amount: 100, metadata: {} }, 'key-other');
    const error = await failureOf(sandbox.pay({ amount: 200, metadata: {} }, 'key-other'));
    expect(error).toBeInstanceOf(Stripe.errors.StripeIdempotencyError);
    expect(error.statusCode).toBe(400);
  });

  it('a request with wrong parameters does not use up its key', async () => {
    expect(
      (await failureOf(sandbox.pay({ payment_method: 'pm_nobody', metadata: {} }, 'key-free'))).code,
    ).toBe('resource_missing');
    expect((await sandbox.pay({ metadata: {} }, 'key-free')).status).toBe('requires_capture');
  });
});
