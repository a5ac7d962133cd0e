import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Stripe } from 'stripe';
import { eventually, startRooms, type TestRooms } from '../../broker/testing/start-rooms.ts';
import { room } from './processor-sandbox.service.ts';
import type { RunningSandbox } from './start.ts';

type Heard = { type: string; id: string; verified: boolean; intent: string };

let app: TestRooms;
let url: string;
let stripe: Stripe;
let receiver: Server;
let heard: Heard[] = [];
let answerStatus = 200;
const key = 'sk_test_0123456789abcdef';
const webhookSecret = 'whsec_0123456789abcdef';
let made = 0;

const stripeAt = (apiKey: string, timeout = 5_000) => {
  const { hostname, port } = new URL(url);
  return new Stripe(apiKey, {
    host: hostname,
    port,
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
    timeout,
  });
};

const pay = (more: Partial<Stripe.PaymentIntentCreateParams> = {}, idempotencyKey?: string) =>
  stripe.paymentIntents.create(
    {
      amount: 1_234,
      currency: 'eur',
      payment_method: 'pm_card_visa',
      allowed_payment_method_types: ['card'],
      capture_method: 'manual',
      confirm: true,
      metadata: { payment_id: `p${++made}` },
      ...more,
    },
    idempotencyKey ? { idempotencyKey } : {},
  );

const failureOf = async (
  request: Promise<unknown>,
): Promise<InstanceType<typeof Stripe.errors.StripeError>> => {
  try {
    await request;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) return error;
    throw error;
  }
  throw new Error('it did not fail');
};

const chargesOf = async (intent: string) => (await stripe.charges.list({ payment_intent: intent })).data;
const intentsOf = async (paymentId: string) =>
  (await stripe.paymentIntents.list({ limit: 100 })).data.filter(
    (one) => one.metadata['payment_id'] === paymentId,
  );

const raw = (path: string, init: RequestInit = {}) =>
  fetch(`${url}${path}`, { ...init, headers: { authorization: `Bearer ${key}`, ...init.headers } });

const misbehave = async (fault: object) => {
  const answer = await raw('/sandbox/faults', { method: 'POST', body: JSON.stringify(fault) });
  expect(answer.status).toBe(200);
};

const eventsOf = (intent: string): string[] =>
  heard.filter((event) => event.intent === intent).map((event) => event.type);

beforeAll(async () => {
  receiver = createServer((message, response) => {
    let body = '';
    message.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
    message.on('end', () => {
      const event = Stripe.webhooks.constructEvent(
        body,
        String(message.headers['stripe-signature']),
        webhookSecret,
      );
      const object = event.data.object as { id: string; payment_intent?: string };
      const intent = object.payment_intent ?? object.id;
      heard.push({ type: event.type, id: event.id, verified: true, intent });
      response.writeHead(answerStatus).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  app = await startRooms([room], {
    env: {
      SANDBOX_PORT: '0',
      SANDBOX_SECRET_KEY: key,
      SANDBOX_WEBHOOK_SECRET: webhookSecret,
      SANDBOX_WEBHOOK_URL: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hooks`,
      SANDBOX_PENDING_MS: '300',
    },
  });
  ({ url } = app.room('processor-sandbox').state as RunningSandbox);
  stripe = stripeAt(key);
});

afterAll(async () => {
  await app?.stop();
  receiver?.close();
});

afterEach(async () => {
  answerStatus = 200;
  await raw('/sandbox/faults', { method: 'DELETE' });
});

describe('a payment through the official package', () => {
  it('is authorized, captured and charged once, and tells of each step', async () => {
    const intent = await pay({ description: 'Täst & co = 1' });
    expect(intent).toMatchObject({
      status: 'requires_capture',
      amount_capturable: 1_234,
      amount_received: 0,
    });
    expect(await chargesOf(intent.id)).toEqual([]);
    const captured = await stripe.paymentIntents.capture(intent.id);
    expect(captured).toMatchObject({
      status: 'succeeded',
      amount_received: 1_234,
      description: 'Täst & co = 1',
    });
    const charges = await chargesOf(intent.id);
    expect(charges).toHaveLength(1);
    expect(charges[0]).toMatchObject({
      id: captured.latest_charge,
      amount: 1_234,
      captured: true,
      metadata: intent.metadata,
    });
    await eventually(() => eventsOf(intent.id).length === 3);
    expect(eventsOf(intent.id).sort()).toEqual([
      'payment_intent.amount_capturable_updated',
      'payment_intent.created',
      'payment_intent.succeeded',
    ]);
  });

  it('can be confirmed in a second step, and captured at once when nobody asked for less', async () => {
    const intent = await stripe.paymentIntents.create({ amount: 500, currency: 'JPY' });
    expect(intent.status).toBe('requires_payment_method');
    const confirmed = await stripe.paymentIntents.confirm(intent.id, { payment_method: 'pm_card_visa' });
    expect(confirmed.status).toBe('succeeded');
    expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({ status: 'succeeded' });
  });

  it.each([
    ['pm_card_chargeDeclined', 'card_declined', 'generic_decline'],
    ['pm_card_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
    ['pm_card_chargeDeclinedExpiredCard', 'expired_card', 'expired_card'],
    ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc', 'incorrect_cvc'],
    ['pm_card_chargeDeclinedProcessingError', 'processing_error', 'processing_error'],
  ])('%s is declined as Stripe declines it', async (method, code, declineCode) => {
    const error = await failureOf(pay({ payment_method: method }));
    expect(error).toBeInstanceOf(Stripe.errors.StripeCardError);
    expect(error).toMatchObject({ statusCode: 402, code, decline_code: declineCode });
    expect(error.payment_intent).toMatchObject({
      status: 'requires_payment_method',
      last_payment_error: { code },
    });
  });

  it('stays pending with the slow card, then can be captured', async () => {
    const intent = await pay({ payment_method: 'pm_card_pending' });
    expect(intent.status).toBe('processing');
    await eventually(
      async () => (await stripe.paymentIntents.retrieve(intent.id)).status === 'requires_capture',
    );
    await eventually(() => eventsOf(intent.id).includes('payment_intent.amount_capturable_updated'));
  });

  it('can be cancelled while it is pending, and is then never captured', async () => {
    const intent = await pay({ payment_method: 'pm_card_pending' });
    expect((await stripe.paymentIntents.cancel(intent.id)).status).toBe('canceled');
    const error = await failureOf(stripe.paymentIntents.capture(intent.id));
    expect(error).toMatchObject({ statusCode: 400, code: 'payment_intent_unexpected_state' });
    expect(error.payment_intent).toMatchObject({ status: 'canceled' });
  });

  it('gives back no more than was taken', async () => {
    const intent = await pay();
    const early = await failureOf(stripe.refunds.create({ payment_intent: intent.id }));
    expect(early.code).toBe('payment_intent_unexpected_state');
    await stripe.paymentIntents.capture(intent.id);
    expect(await stripe.refunds.create({ payment_intent: intent.id, amount: 234 })).toMatchObject({
      amount: 234,
    });
    expect((await failureOf(stripe.refunds.create({ payment_intent: intent.id, amount: 1_001 }))).param).toBe(
      'amount',
    );
    expect(await stripe.refunds.create({ payment_intent: intent.id })).toMatchObject({ amount: 1_000 });
    const late = await failureOf(stripe.refunds.create({ payment_intent: intent.id }));
    expect(late.code).toBe('charge_already_refunded');
    expect((await chargesOf(intent.id))[0]).toMatchObject({ amount_refunded: 1_234, refunded: true });
    expect((await stripe.refunds.list({ payment_intent: intent.id })).data).toHaveLength(2);
    await eventually(() => eventsOf(intent.id).filter((type) => type === 'charge.refunded').length === 2);
  });

  it('is listed newest first, page by page, from a given second on', async () => {
    const since = Math.floor(Date.now() / 1_000);
    const ids: string[] = [];
    for (let index = 0; index < 5; index++) ids.unshift((await pay({ metadata: { list: 'yes' } })).id);
    const found: string[] = [];
    for await (const one of stripe.paymentIntents.list({ created: { gte: since }, limit: 2 }))
      found.push(one.id);
    expect(found.slice(0, 5)).toEqual(ids);
    const none = await stripe.paymentIntents.list({ created: { gte: since + 1_000 } });
    expect(none).toMatchObject({ object: 'list', data: [], has_more: false });
    expect((await stripe.events.list({ limit: 1 })).data[0]).toMatchObject({ object: 'event' });
  });
});

describe('idempotency keys', () => {
  it('one key gives one charge and one answer, replayed as such', async () => {
    const metadata = { payment_id: 'once' };
    const one = await pay({ metadata }, 'key-once');
    const two = await pay({ metadata }, 'key-once');
    expect(two).toEqual(one);
    expect(two.lastResponse.headers['idempotent-replayed']).toBe('true');
    expect(one.lastResponse.headers['idempotent-replayed']).toBeUndefined();
    expect(await intentsOf('once')).toHaveLength(1);
  });

  it('fifty requests at once with one key make one PaymentIntent', async () => {
    const metadata = { payment_id: 'crowd' };
    const all = await Promise.allSettled(Array.from({ length: 50 }, () => pay({ metadata }, 'key-crowd')));
    const ids = new Set(all.flatMap((one) => (one.status === 'fulfilled' ? [one.value.id] : [])));
    expect(ids.size).toBe(1);
    const statuses = all.flatMap((one) =>
      one.status === 'rejected' ? [(one.reason as { statusCode?: number }).statusCode] : [],
    );
    expect(statuses.every((status) => status === 409)).toBe(true);
    expect(await intentsOf('crowd')).toHaveLength(1);
  });

  it('a decline is replayed as a decline', async () => {
    const declined = { payment_method: 'pm_card_chargeDeclined', metadata: { payment_id: 'no' } };
    const one = await failureOf(pay(declined, 'key-declined'));
    const two = await failureOf(pay(declined, 'key-declined'));
    expect(two.payment_intent?.id).toBe(one.payment_intent?.id);
    expect(two.headers?.['idempotent-replayed']).toBe('true');
  });

  it('a key with other parameters is an idempotency error', async () => {
    await pay({ amount: 100, metadata: {} }, 'key-other');
    const error = await failureOf(pay({ amount: 200, metadata: {} }, 'key-other'));
    expect(error).toBeInstanceOf(Stripe.errors.StripeIdempotencyError);
    expect(error.statusCode).toBe(400);
  });

  it('a request with wrong parameters does not use up its key', async () => {
    expect((await failureOf(pay({ payment_method: 'pm_nobody', metadata: {} }, 'key-free'))).code).toBe(
      'resource_missing',
    );
    expect((await pay({ metadata: {} }, 'key-free')).status).toBe('requires_capture');
  });
});

describe('what is wrong is told as Stripe tells it, and never with a 500', () => {
  it('a wrong key is 401', async () => {
    const error = await failureOf(stripeAt('sk_test_wrong').paymentIntents.list());
    expect(error).toBeInstanceOf(Stripe.errors.StripeAuthenticationError);
    expect((await fetch(`${url}/v1/charges`)).status).toBe(401);
  });

  it('an unknown PaymentIntent is 404 resource_missing', async () => {
    for (const request of [
      stripe.paymentIntents.retrieve('pi_nobody'),
      stripe.paymentIntents.capture('pi_nobody'),
      stripe.refunds.create({ payment_intent: 'pi_nobody' }),
    ]) {
      expect(await failureOf(request)).toMatchObject({ statusCode: 404, code: 'resource_missing' });
    }
  });

  const VALID = 'amount=100&currency=eur&payment_method=pm_card_visa';
  it.each([
    ['an empty body', '', 'amount'],
    ['a fraction', 'amount=1.5&currency=eur', 'amount'],
    ['zero', 'amount=0&currency=eur', 'amount'],
    ['a negative amount', 'amount=-5&currency=eur', 'amount'],
    ['an enormous amount', 'amount=99999999999999999999&currency=eur', 'amount'],
    ['an unknown currency', 'amount=100&currency=xxx', 'currency'],
    ['a third decimal', 'amount=1001&currency=kwd', 'amount'],
    ['an unknown parameter', `${VALID}&colour=red`, 'colour'],
    ['a record where text belongs', 'amount[a]=1&currency=eur', 'amount'],
    ['text where a record belongs', `${VALID}&metadata=x`, 'metadata'],
    ['a deep record', `${VALID}&metadata[a][b]=x`, 'metadata[a]'],
    ['confirmation without a method', 'amount=100&currency=eur&confirm=true', 'payment_method'],
  ])('%s is 400 and names the parameter', async (_name, body, param) => {
    const answer = await raw('/v1/payment_intents', { method: 'POST', body });
    expect(answer.status).toBe(400);
    expect(((await answer.json()) as { error: object }).error).toMatchObject({
      type: 'invalid_request_error',
      param,
    });
  });

  it.each([
    ['POST', '/v1/payment_intents', `${VALID}&description=%00`, 400],
    ['POST', '/v1/payment_intents', `${VALID}&description=%ff%fe%`, 200],
    ['POST', '/v1/payment_intents', `${VALID}&metadata[__proto__]=x`, 200],
    ['POST', '/v1/payment_intents', `${VALID}&[]]=x`, 400],
    ['POST', '/v1/payment_intents', 'x'.repeat(70_000), 413],
    ['POST', '/v1/payment_intents/pi_x/explode', '', 404],
    ['DELETE', '/v1/payment_intents', '', 404],
    ['GET', '/v1/payment_intents/%00', undefined, 404],
    ['GET', '/v1/payment_intents?limit=1000', undefined, 400],
    ['GET', '/v1/payment_intents?starting_after=pi_x', undefined, 404],
    ['GET', '/v1/charges?created[gte]=99999999999999', undefined, 400],
    ['GET', '/v1/charges?created=1', undefined, 200],
    ['POST', '/sandbox/faults', '{', 400],
    ['POST', '/sandbox/faults', '{"webhooks":"loud"}', 400],
    ['POST', '/sandbox/faults', 'null', 400],
  ])('%s %s answers as it should', async (method, path, body, status) => {
    const answer = await raw(path, { method, body });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('request-id')).toMatch(/^req_/);
    await answer.json();
  });
});

describe('on demand it misbehaves', () => {
  it('gives no answer after the work is done, and the real one to the same key', async () => {
    await misbehave({
      failAfterCharging: 'timeout',
      times: 1,
      matching: { metadata: { payment_id: 'silent' } },
    });
    const metadata = { payment_id: 'silent' };
    const impatient = stripeAt(key, 300);
    const params = { amount: 700, currency: 'usd', payment_method: 'pm_card_visa', confirm: true, metadata };
    const error = await failureOf(impatient.paymentIntents.create(params, { idempotencyKey: 'key-silent' }));
    expect(error).toBeInstanceOf(Stripe.errors.StripeConnectionError);
    const intent = await stripe.paymentIntents.create(params, { idempotencyKey: 'key-silent' });
    expect(intent.status).toBe('succeeded');
    expect(await chargesOf(intent.id)).toHaveLength(1);
  });

  it('answers 500 after the work is done, and goes on doing so for that key', async () => {
    await misbehave({ failAfterCharging: '500', times: 1, matching: { amount: 701 } });
    const request = { amount: 701, metadata: { payment_id: 'broken' } };
    expect((await failureOf(pay(request, 'key-broken'))).statusCode).toBe(500);
    const again = await failureOf(pay(request, 'key-broken'));
    expect(again).toMatchObject({ statusCode: 500, headers: { 'idempotent-replayed': 'true' } });
    expect(await intentsOf('broken')).toHaveLength(1);
  });

  it('answers 500 and does nothing', async () => {
    await misbehave({ failBefore: '500', times: 1, matching: { operation: 'create' } });
    const metadata = { payment_id: 'refused' };
    expect((await failureOf(pay({ metadata }, 'key-refused'))).statusCode).toBe(500);
    expect(await intentsOf('refused')).toHaveLength(0);
    expect((await pay({ metadata }, 'key-refused-2')).status).toBe('requires_capture');
  });

  it('is slow', async () => {
    await misbehave({ slowMs: 600, times: 1 });
    const error = await failureOf(stripeAt(key, 200).paymentIntents.create({ amount: 1, currency: 'eur' }));
    expect(error).toBeInstanceOf(Stripe.errors.StripeConnectionError);
  });

  it('sends a webhook twice, before its answer, or never', async () => {
    await misbehave({ webhooks: 'twice', matching: { metadata: { hook: 'twice' } } });
    const twice = await pay({ metadata: { hook: 'twice' } });
    await eventually(() => eventsOf(twice.id).length === 4);

    await misbehave({ webhooks: 'before-answer', matching: { metadata: { hook: 'before' } } });
    const before = await pay({ metadata: { hook: 'before' } });
    expect(eventsOf(before.id)).toHaveLength(2);

    await misbehave({ webhooks: 'never', matching: { metadata: { hook: 'never' } } });
    const never = await pay({ metadata: { hook: 'never' } });
    const after = await pay();
    await eventually(() => eventsOf(after.id).length === 2);
    expect(eventsOf(never.id)).toEqual([]);
  });

  it('tries a webhook again until it is taken', async () => {
    answerStatus = 503;
    const intent = await pay();
    await eventually(() => eventsOf(intent.id).length >= 2);
    answerStatus = 200;
    const countRefused = eventsOf(intent.id).length;
    await eventually(() => eventsOf(intent.id).length >= countRefused + 2);
    const { db } = app.room('processor-sandbox');
    await eventually(async () => {
      const due = await db.query("select 1 from events where object->>'id' = $1 and delivered_at is null", [
        intent.id,
      ]);
      return due.length === 0;
    });
  });
});
