import { Stripe } from 'stripe';
import { eventually } from '../../../broker/testing/eventually.ts';
import { payments } from '../../../shared/contracts/payments.ts';
import { saveIntent } from '../persistence/operations.ts';
import { LOST, NOTHING, startOperations, UNDONE_500, type Operations } from '../testing/start-operations.ts';

let app: Operations;
beforeAll(async () => {
  app = await startOperations();
});
afterEach(() => app.endFaults());
afterAll(() => app.stop());

describe('an authorization', () => {
  it('under a second key, with a lost answer, is found and given back', async () => {
    const { amountMinor, key } = app.newPayment();
    await app.inject(UNDONE_500, 'create', amountMinor);
    const { id } = await app.pay({ amountMinor }, key);
    await eventually(
      async () => (await app.sandbox.query('select from idempotency_keys where key = $1', [id])).length === 1,
    );
    // Replays of the first key meet no fault; the request under the second key does.
    await app.inject(LOST, 'create', amountMinor);
    await app.isReserved(id);
    await app.cancel(id);
    await app.ended(id);
    expect([await app.statusOf(id), await app.heldFor(id)]).toEqual(['cancelled', NOTHING]);
  });

  it.each([['continues', false] as const, ['is cancelled', true] as const])(
    'whose answer was lost a day ago is not made again when the payment %s',
    async (_what, isCancelled) => {
      const { amountMinor, key } = app.newPayment();
      await app.inject(LOST, 'create', amountMinor);
      const { id } = await app.pay({ amountMinor }, key);
      await app.isReserved(id);
      // The processor drops its keys, and for the payment a day passes.
      await app.sandbox.query('delete from idempotency_keys');
      await app.service.db.query(
        "update processor_operations set key_used_at = key_used_at - interval '1 day' where payment_id = $1",
        [id],
      );
      if (isCancelled) await app.cancel(id);
      await app.ended(id);
      expect([await app.statusOf(id), await app.heldFor(id)]).toEqual(
        isCancelled ? ['cancelled', NOTHING] : ['completed', { reserved: 0, kept: amountMinor, intents: 1 }],
      );
    },
  );

  /** Reserves the money once more, under a key that the payment does not know. */
  const reserveAgain = async (id: string, amountMinor: number): Promise<string> => {
    const outcome = await app.service.state.processor.authorize({
      paymentId: id,
      amountMinor,
      currency: 'EUR',
      paymentMethod: 'pm_card_visa',
      description: null,
      attempt: 7,
    });
    if (outcome.kind !== 'authorized') throw new Error(outcome.kind);
    return outcome.intentId;
  };

  const webhookOf = (paymentId: string, intentId: string) => {
    const body = JSON.stringify({
      id: `evt_${intentId}`,
      object: 'event',
      type: 'payment_intent.amount_capturable_updated',
      data: { object: { id: intentId, object: 'payment_intent', metadata: { payment_id: paymentId } } },
    });
    const [secret = ''] = app.service.config.STRIPE_WEBHOOK_SECRET;
    return {
      body,
      signature: Stripe.webhooks.generateTestHeaderString({ payload: body, secret }),
    };
  };

  it.each([
    ['pm_card_chargeDeclined', 'failed', 0],
    ['pm_card_visa', 'completed', 1],
  ] as const)('that nobody expected is given back: %s, %s', async (paymentMethod, status, times) => {
    const { amountMinor, key } = app.newPayment();
    const { id } = await app.pay({ amountMinor, paymentMethod }, key);
    await app.ended(id);
    const intentId = await reserveAgain(id, amountMinor);
    await app.call(payments.actions.processorWebhook, webhookOf(id, intentId));
    await app.ended(id);
    expect([await app.statusOf(id), await app.heldFor(id)]).toEqual([
      status,
      { reserved: 0, kept: times * amountMinor, intents: 2 },
    ]);
  });

  it('whose answer arrives after its claim was lost is given back', async () => {
    const { amountMinor, key } = app.newPayment();
    const { id } = await app.pay({ amountMinor, paymentMethod: 'pm_card_chargeDeclined' }, key);
    await app.ended(id);
    const intentId = await reserveAgain(id, amountMinor);
    for (let time = 0; time < 2; time++)
      await saveIntent(app.service.db, id, intentId, app.service.clock.now());
    await app.ended(id);
    expect([await app.statusOf(id), await app.heldFor(id)]).toEqual(['failed', { ...NOTHING, intents: 2 }]);
  });
});
