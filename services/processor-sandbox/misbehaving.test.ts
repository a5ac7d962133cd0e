import { Stripe } from 'stripe';
import { eventually } from '../../broker/testing/eventually.ts';
import { failureOf, startTestSandbox, type TestSandbox } from './testing/start-sandbox.ts';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox?.stop());

afterEach(async () => {
  sandbox.answer.status = 200;
  await sandbox.behave();
});

describe('faults on demand', () => {
  it('gives no answer after the work is done, and the real one to the same key', async () => {
    await sandbox.misbehave({
      failAfterCharging: 'timeout',
      times: 1,
      matching: { metadata: { payment_id: 'silent' } },
    });
    const metadata = { payment_id: 'silent' };
    const impatient = sandbox.open(undefined, 300);
    const params = { amount: 700, currency: 'usd', payment_method: 'pm_card_visa', confirm: true, metadata };
    const error = await failureOf(impatient.paymentIntents.create(params, { idempotencyKey: 'key-silent' }));
    expect(error).toBeInstanceOf(Stripe.errors.StripeConnectionError);
    // As long as the sandbox works at the first request, it refuses the second with 409.
    const intent = await eventually(() =>
      sandbox.stripe.paymentIntents.create(params, { idempotencyKey: 'key-silent' }),
    );
    expect(intent.status).toBe('succeeded');
    expect(await sandbox.chargesOf(intent.id)).toHaveLength(1);
  });

  it('answers 500 after the work is done, and goes on doing so for that key', async () => {
    await sandbox.misbehave({ failAfterCharging: '500', times: 1, matching: { amount: 701 } });
    const request = { amount: 701, metadata: { payment_id: 'broken' } };
    expect((await failureOf(sandbox.pay(request, 'key-broken'))).statusCode).toBe(500);
    const again = await failureOf(sandbox.pay(request, 'key-broken'));
    expect(again).toMatchObject({ statusCode: 500, headers: { 'idempotent-replayed': 'true' } });
    expect(await sandbox.intentsOf('broken')).toHaveLength(1);
  });

  it('answers 500 and does nothing', async () => {
    await sandbox.misbehave({ failBefore: '500', times: 1, matching: { operation: 'create' } });
    const metadata = { payment_id: 'refused' };
    expect((await failureOf(sandbox.pay({ metadata }, 'key-refused'))).statusCode).toBe(500);
    expect(await sandbox.intentsOf('refused')).toHaveLength(0);
    expect((await sandbox.pay({ metadata }, 'key-refused-2')).status).toBe('requires_capture');
  });

  it('is slow', async () => {
    await sandbox.misbehave({ slowMs: 600, times: 1 });
    const error = await failureOf(
      sandbox.open(undefined, 200).paymentIntents.create({ amount: 1, currency: 'eur' }),
    );
    expect(error).toBeInstanceOf(Stripe.errors.StripeConnectionError);
  });

  it('sends a webhook twice, before its answer, or never', async () => {
    await sandbox.misbehave({ webhooks: 'twice', matching: { metadata: { hook: 'twice' } } });
    const twice = await sandbox.pay({ metadata: { hook: 'twice' } });
    await eventually(() => sandbox.webhookEventsOf(twice.id).length === 4);

    await sandbox.misbehave({ webhooks: 'before-answer', matching: { metadata: { hook: 'before' } } });
    const before = await sandbox.pay({ metadata: { hook: 'before' } });
    expect(sandbox.webhookEventsOf(before.id)).toHaveLength(2);

    await sandbox.misbehave({ webhooks: 'never', matching: { metadata: { hook: 'never' } } });
    const never = await sandbox.pay({ metadata: { hook: 'never' } });
    const after = await sandbox.pay();
    await eventually(() => sandbox.webhookEventsOf(after.id).length === 2);
    expect(sandbox.webhookEventsOf(never.id)).toEqual([]);
  });

  it('repeats a webhook until it is accepted', async () => {
    sandbox.answer.status = 503;
    const intent = await sandbox.pay();
    await eventually(() => sandbox.webhookEventsOf(intent.id).length >= 2);
    sandbox.answer.status = 200;
    const countRefused = sandbox.webhookEventsOf(intent.id).length;
    await eventually(() => sandbox.webhookEventsOf(intent.id).length >= countRefused + 2);
    await eventually(async () => {
      const due = await sandbox.db.query(
        "select 1 from webhook_events where object->>'id' = $1 and delivered_at is null",
        [intent.id],
      );
      return due.length === 0;
    });
  });
});
