import { Stripe } from 'stripe';
import { failureOf, startTestSandbox, type TestSandbox } from '../testing/start-sandbox.ts';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox?.stop());

describe('errors have the form of Stripe and are never a 500', () => {
  it('a wrong key is 401', async () => {
    const error = await failureOf(sandbox.open('sk_test_wrong').paymentIntents.list());
    expect(error).toBeInstanceOf(Stripe.errors.StripeAuthenticationError);
    expect((await sandbox.raw('/v1/charges', { headers: { authorization: '' } })).status).toBe(401);
  });

  it('an unknown PaymentIntent is 404 resource_missing', async () => {
    const failures = await Promise.all(
      [
        sandbox.stripe.paymentIntents.retrieve('pi_nobody'),
        sandbox.stripe.paymentIntents.capture('pi_nobody'),
        sandbox.stripe.refunds.create({ payment_intent: 'pi_nobody' }),
      ].map(failureOf),
    );
    for (const error of failures) expect(error).toMatchObject({ statusCode: 404, code: 'resource_missing' });
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
    const answer = await sandbox.raw('/v1/payment_intents', { method: 'POST', body });
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
    const answer = await sandbox.raw(path, { method, body });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('request-id')).toMatch(/^req_/);
    await answer.json();
  });
});
