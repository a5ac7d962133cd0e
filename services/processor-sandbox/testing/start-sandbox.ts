import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Stripe } from 'stripe';
import type { Database } from '../../../broker/postgres/database.ts';
import { startServices } from '../../../broker/testing/start-services.ts';
import { service } from '../processor-sandbox.service.ts';
import type { RunningSandbox } from '../http/start.ts';

export const SECRET_KEY = 'sk_test_0123456789abcdef';
const WEBHOOK_SECRET = 'whsec_0123456789abcdef';

/** A server that receives webhooks and verifies their signatures. */
const startReceiver = async () => {
  const received: { type: string; intent: string }[] = [];
  const answer = { status: 200 };
  const server = createServer((message, response) => {
    const chunks: Buffer[] = [];
    message.on('data', (chunk: Buffer) => chunks.push(chunk));
    message.on('end', () => {
      const signature = String(message.headers['stripe-signature']);
      const event = Stripe.webhooks.constructEvent(Buffer.concat(chunks), signature, WEBHOOK_SECRET);
      const object = event.data.object as { id: string; payment_intent?: string };
      received.push({ type: event.type, intent: object.payment_intent ?? object.id });
      response.writeHead(answer.status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { received, answer, url: `http://127.0.0.1:${port}/hooks`, close: () => server.close() };
};

const stripeAt = (url: string, apiKey = SECRET_KEY, timeout = 5_000): Stripe => {
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

/** The error that a request of the `stripe` package fails with. */
export const failureOf = async (
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

export type TestSandbox = {
  stripe: Stripe;
  db: Database;
  /** The same with another key, or with less patience. */
  open(apiKey?: string, timeoutMs?: number): Stripe;
  /** Authorizes 12.34 EUR on a good card, or what `more` says. */
  pay(
    more?: Partial<Stripe.PaymentIntentCreateParams>,
    key?: string,
  ): Promise<Stripe.Response<Stripe.PaymentIntent>>;
  chargesOf(intent: string): Promise<Stripe.Charge[]>;
  intentsOf(paymentId: string): Promise<Stripe.PaymentIntent[]>;
  /** Types of the events received of a PaymentIntent. */
  webhookEventsOf(intent: string): string[];
  /** What the receiver of webhooks answers. */
  answer: { status: number };
  raw(path: string, init?: RequestInit): Promise<Response>;
  misbehave(fault: object): Promise<void>;
  behave(): Promise<void>;
  stop(): Promise<void>;
};

/**
 * The sandbox on a throw-away database, the `stripe` package connected to it, and a receiver of its webhooks.
 */
export const startTestSandbox = async (more: Record<string, string> = {}): Promise<TestSandbox> => {
  const receiver = await startReceiver();
  const app = await startServices([service], {
    env: {
      SANDBOX_PORT: '0',
      SANDBOX_SECRET_KEY: SECRET_KEY,
      SANDBOX_WEBHOOK_SECRET: WEBHOOK_SECRET,
      SANDBOX_WEBHOOK_URL: receiver.url,
      SANDBOX_WEBHOOK_EVENTS: '*',
      SANDBOX_PENDING_MS: '300',
      ...more,
    },
  });
  const { state, db } = app.service('processor-sandbox');
  const { url } = state as RunningSandbox;
  const stripe = stripeAt(url);
  let made = 0;
  const raw: TestSandbox['raw'] = (path, init = {}) =>
    fetch(`${url}${path}`, { ...init, headers: { authorization: `Bearer ${SECRET_KEY}`, ...init.headers } });
  return {
    stripe,
    db,
    open: (apiKey, timeoutMs) => stripeAt(url, apiKey, timeoutMs),
    pay: (more = {}, key) =>
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
        key ? { idempotencyKey: key } : {},
      ),
    chargesOf: async (intent) => (await stripe.charges.list({ payment_intent: intent })).data,
    intentsOf: async (paymentId) =>
      (await stripe.paymentIntents.list({ limit: 100 })).data.filter(
        (one) => one.metadata['payment_id'] === paymentId,
      ),
    webhookEventsOf: (intent) =>
      receiver.received.filter((event) => event.intent === intent).map(({ type }) => type),
    answer: receiver.answer,
    raw,
    misbehave: async (fault) => {
      const answer = await raw('/sandbox/faults', { method: 'POST', body: JSON.stringify(fault) });
      if (!answer.ok) throw new Error(await answer.text());
    },
    behave: async () => void (await raw('/sandbox/faults', { method: 'DELETE' })),
    stop: async () => {
      await app.stop();
      receiver.close();
    },
  };
};
