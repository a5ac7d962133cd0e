import { Stripe } from 'stripe';
import { findServices } from '../../../broker/process/find-services.ts';
import { eventually } from '../../../broker/testing/eventually.ts';
import { startServices, type TestServices } from '../../../broker/testing/start-services.ts';
import type { Outcome } from '../domain/outcome.ts';
import { createProcessor, parseWebhook, type Processor } from './client.ts';

const secretKey = 'sk_test_0123456789abcdef';
let app: TestServices;
let url: string;
let processor: Processor;
let count = 0;

const open = (more: { secretKey?: string; timeoutMs?: number; url?: string } = {}) =>
  createProcessor({ url, secretKey, timeoutMs: 5_000, ...more });

const payment = (paymentMethod = 'pm_card_visa') => ({
  paymentId: `pay_${Date.now()}_${++count}`,
  amountMinor: 1_234,
  currency: 'EUR' as const,
  paymentMethod,
  description: 'A chair',
});

const authorized = async (asked = payment()): Promise<{ paymentId: string; intentId: string }> => {
  const outcome = await processor.authorize(asked);
  if (outcome.kind !== 'authorized') throw new Error(JSON.stringify(outcome));
  return { paymentId: asked.paymentId, intentId: outcome.intentId };
};

/** All PaymentIntents of a payment that were made in the last minute. */
const search = async (paymentId: string): Promise<Outcome[]> => {
  const found: Outcome[] = [];
  const nowMs = Date.now();
  for (let after: string | null = null; ;) {
    const page = await processor.search({ paymentId, fromMs: nowMs - 60_000, toMs: nowMs, after });
    if (page.kind !== 'page') throw new Error(page.cause);
    found.push(...page.intents);
    if (page.next === null) return found;
    after = page.next;
  }
};

const misbehave = async (fault: object) => {
  const headers = { authorization: `Bearer ${secretKey}` };
  const answer = await fetch(`${url}/sandbox/faults`, {
    method: 'POST',
    headers,
    body: JSON.stringify(fault),
  });
  expect(answer.status).toBe(200);
};
const matching = (paymentId: string, operation: string) => ({
  metadata: { payment_id: paymentId },
  operation,
});

beforeAll(async () => {
  // By name, not by import: services do not know each other.
  app = await startServices(await findServices({ SERVICES: 'processor-sandbox' }), {
    env: {
      SANDBOX_PORT: '0',
      SANDBOX_SECRET_KEY: secretKey,
      SANDBOX_PENDING_MS: '300',
      SANDBOX_WEBHOOK_URL: 'http://127.0.0.1:9/nobody',
    },
  });
  ({ url } = app.service('processor-sandbox').state as { url: string });
  processor = open();
});
afterAll(async () => {
  processor?.close();
  await app?.stop();
});

describe('the processor client', () => {
  it('authorizes and captures, once for each payment for any number of requests', async () => {
    const asked = payment();
    const { paymentId, intentId } = await authorized(asked);
    expect(await processor.authorize(asked)).toEqual({ kind: 'authorized', intentId });
    expect(await processor.capture(paymentId, intentId)).toEqual({ kind: 'captured', intentId });
    expect(await processor.capture(paymentId, intentId)).toEqual({ kind: 'captured', intentId });
    expect(await processor.capture(paymentId, intentId, 2)).toEqual({ kind: 'captured', intentId });
    expect(await processor.read(intentId)).toEqual({ kind: 'captured', intentId });
  });

  it('returns the decline code of a card', async () => {
    expect(await processor.authorize(payment('pm_card_chargeDeclinedInsufficientFunds'))).toEqual({
      kind: 'declined',
      intentId: expect.stringMatching(/^pi_/) as string,
      code: 'insufficient_funds',
    });
  });

  it('voids a reservation, and reports when it is too late', async () => {
    const one = await authorized();
    expect(await processor.void(one.intentId)).toMatchObject({ kind: 'voided' });
    expect(await processor.capture(one.paymentId, one.intentId)).toMatchObject({ kind: 'voided' });
    const two = await authorized();
    await processor.capture(two.paymentId, two.intentId);
    expect(await processor.void(two.intentId)).toMatchObject({ kind: 'captured' });
    expect(await processor.void(two.intentId)).toMatchObject({ kind: 'captured' });
    expect(await processor.refund(two.intentId)).toMatchObject({ kind: 'refunded' });
    expect(await processor.refund(two.intentId, 2)).toMatchObject({
      kind: 'refunded',
    });
  });

  it('a refusal saved during a slow answer of the bank does not hide the later state', async () => {
    const asked = payment('pm_card_pending');
    const outcome = await processor.authorize(asked);
    if (outcome.kind !== 'pending') throw new Error(outcome.kind);
    const { intentId } = outcome;
    expect(await processor.capture(asked.paymentId, intentId)).toEqual({ kind: 'pending', intentId });
    await eventually(async () => (await processor.read(intentId)).kind === 'authorized');
    expect(await processor.capture(asked.paymentId, intentId)).toEqual({ kind: 'authorized', intentId });
    expect(await processor.capture(asked.paymentId, intentId, 2)).toEqual({ kind: 'captured', intentId });
  });

  it('an answer lost after the charge comes back under the same key', async () => {
    const asked = payment();
    await misbehave({
      failAfterCharging: 'timeout',
      times: 1,
      matching: matching(asked.paymentId, 'create'),
    });
    const impatient = open({ timeoutMs: 300 });
    expect(await impatient.authorize(asked)).toMatchObject({ kind: 'unavailable', replayed500: false });
    expect(await impatient.authorize(asked)).toMatchObject({ kind: 'authorized' });
    impatient.close();
  });

  it('a saved 500 is recognized, and the work done under it is found', async () => {
    const asked = payment();
    await misbehave({ failAfterCharging: '500', times: 1, matching: matching(asked.paymentId, 'create') });
    expect(await processor.authorize(asked)).toMatchObject({ kind: 'unavailable', replayed500: false });
    expect(await processor.authorize(asked)).toMatchObject({ kind: 'unavailable', replayed500: true });
    expect(await search(asked.paymentId)).toMatchObject([{ kind: 'authorized' }]);
  });

  it('a saved 500 without work is followed by an attempt under another key', async () => {
    const asked = payment();
    await misbehave({ failBefore: '500', times: 1, matching: matching(asked.paymentId, 'create') });
    await processor.authorize(asked);
    expect(await search(asked.paymentId)).toEqual([]);
    expect(await processor.authorize({ ...asked, attempt: 2 })).toMatchObject({ kind: 'authorized' });
  });

  it('a search reads page by page, and only what was made in its time', async () => {
    const first = await authorized();
    for (let index = 0; index < 101; index++) await authorized();
    expect(await search(first.paymentId)).toEqual([{ kind: 'authorized', intentId: first.intentId }]);
    const before = { fromMs: Date.now() - 86_400_000, toMs: Date.now() - 3_600_000 };
    expect(await processor.search({ paymentId: first.paymentId, ...before, after: null })).toEqual({
      kind: 'page',
      intents: [],
      next: null,
    });
  });

  it('a request under a key that is still in use is no saved failure', async () => {
    const asked = payment();
    await misbehave({ slowMs: 0, times: 1, matching: matching(asked.paymentId, 'create') });
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => processor.authorize(asked)));
    for (const outcome of outcomes) {
      if (outcome.kind === 'unavailable') expect(outcome.replayed500).toBe(false);
      else expect(outcome.kind).toBe('authorized');
    }
    expect(outcomes.some(({ kind }) => kind === 'authorized')).toBe(true);
  });

  it('no server, a wrong key, and an unknown intent are outcomes, not exceptions', async () => {
    const noServer = open({ url: 'http://127.0.0.1:9' });
    expect(await noServer.authorize(payment())).toMatchObject({ kind: 'unavailable' });
    const wrongKey = open({ secretKey: 'sk_test_another_account' });
    expect(await wrongKey.read('pi_x')).toMatchObject({ kind: 'unavailable' });
    expect(await processor.read('pi_x')).toEqual({ kind: 'missing' });
    noServer.close();
    wrongKey.close();
  });

  it('an amount that cards cannot express is declined without a request', async () => {
    const asked = { ...payment(), amountMinor: 1_001, currency: 'KWD' as const };
    expect(await processor.authorize(asked)).toMatchObject({ kind: 'declined', intentId: null });
  });
});

describe('webhooks', () => {
  const secret = 'whsec_0123456789';
  const nowMs = Date.parse('2026-11-23T09:30:00Z');
  const object = { id: 'pi_1', object: 'payment_intent', metadata: { payment_id: 'pay_1' } };
  const payload = JSON.stringify({
    id: 'evt_1',
    object: 'event',
    type: 'payment_intent.succeeded',
    data: { object },
  });
  const signedAt = (ageS: number, by = secret) =>
    Stripe.webhooks.generateTestHeaderString({ payload, secret: by, timestamp: nowMs / 1_000 - ageS });
  const parse = (signature: string, body = payload) => parseWebhook(body, signature, [secret], 300, nowMs);

  it('a signed event is read', () => {
    expect(parse(signedAt(299))).toEqual({
      id: 'evt_1',
      type: 'payment_intent.succeeded',
      intentId: 'pi_1',
      paymentId: 'pay_1',
    });
  });

  it.each<[string, string, string]>([
    ['no signature', '', payload],
    ['nonsense', 't=x,v1=y', payload],
    ['another secret', signedAt(0, 'whsec_other'), payload],
    ['more than five minutes old', signedAt(301), payload],
    ['more than five minutes ahead', signedAt(-301), payload],
    ['another body', signedAt(0), `${payload} `],
    ['no body', signedAt(0), ''],
  ])('%s is refused', (_name, signature, body) => {
    expect(() => parse(signature, body)).toThrow(
      expect.objectContaining({ code: 'webhook_signature' }) as Error,
    );
  });

  const signed = (event: object, by = secret): [body: string, signature: string] => {
    const text = JSON.stringify(event);
    const timestamp = nowMs / 1_000;
    return [text, Stripe.webhooks.generateTestHeaderString({ payload: text, secret: by, timestamp })];
  };

  it('while a secret is replaced, both are accepted and no third', () => {
    const secrets = ['whsec_new_0123456789', secret];
    const read = (by: string) => parseWebhook(payload, signedAt(0, by), secrets, 300, nowMs).id;
    expect(secrets.map(read)).toEqual(['evt_1', 'evt_1']);
    expect(() => read('whsec_other')).toThrow(
      expect.objectContaining({ code: 'webhook_signature' }) as Error,
    );
  });

  it.each([
    [{ id: 'evt_1', object: 'v2.core.event', type: 'v2.core.event_destination.ping' }, 'webhook_thin_event'],
    [{ hello: 'world' }, 'bad_request'],
    [{ id: 'evt_\0', type: 'a', data: { object: {} } }, 'bad_request'],
  ])('signed, but not a snapshot event: %j is %s', (event, code) => {
    const [body, signature] = signed(event);
    expect(() => parse(signature, body)).toThrow(expect.objectContaining({ code }) as Error);
    expect(() => parse(signed(event, 'whsec_other')[1], body)).toThrow(
      expect.objectContaining({ code: 'webhook_signature' }) as Error,
    );
  });

  it('a payment id that cannot be ours is none', () => {
    const object = { object: 'payment_intent', id: 'pi_1', metadata: { payment_id: 'a\0b' } };
    const [body, signature] = signed({ id: 'evt_1', type: 'a.b', data: { object } });
    expect(parse(signature, body)).toEqual({ id: 'evt_1', type: 'a.b', intentId: 'pi_1', paymentId: null });
  });
});
