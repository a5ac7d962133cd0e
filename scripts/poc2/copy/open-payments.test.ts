import { Stripe } from 'stripe';
import { freePort } from '../../../broker/postgres/embedded-folder.ts';
import { OPEN_SQL } from '../../../broker/postgres/closed.ts';
import { findServices } from '../../../broker/process/find-services.ts';
import { eventually } from '../../../broker/testing/eventually.ts';
import { startServices, type TestServices } from '../../../broker/testing/start-services.ts';
import { copyInto, targetSystem, verifyIn, type TargetSystem } from '../testing/copying.ts';
import { ALL_OPTIONS, sampleSource, type SampleSource } from '../testing/sample-source.ts';

const KEY = 'sk_test_0123456789abcdef';
const LIMIT_MS = 20_000;

let source: SampleSource;
let processor: TestServices;
let stripe: Stripe;
let port: number;
/** Ids of payments of 12.34 USD, which are pending and were made today. */
let ids: string[];

beforeAll(async () => {
  port = await freePort();
  processor = await startServices(await findServices({ SERVICES: 'processor-sandbox' }), {
    env: { SANDBOX_PORT: String(port), SANDBOX_SECRET_KEY: KEY, SANDBOX_WEBHOOK_URL: 'http://127.0.0.1:9/x' },
  });
  stripe = new Stripe(KEY, { host: '127.0.0.1', port, protocol: 'http', telemetry: false });
  source = await sampleSource(20, 60);
  const { rows: usable } = await source.client.query<{ id: string }>(
    `select id from users where email ~ '^[a-z0-9.-]+@[a-z0-9.-]+$' and created_at < now()`,
  );
  const { rows } = await source.client.query<{ id: string }>(
    `update payments set status = 'pending', amount = 12.34, currency = 'USD', completed_at = null,
       psp_transaction_id = null, created_at = timezone('UTC', now()), updated_at = timezone('UTC', now())
     where id in (
       select id from payments where status = 'completed' and recipient_id <> sender_id
         and sender_id = any($1) and recipient_id = any($1) limit 5
     ) returning id`,
    [usable.map(({ id }) => id)],
  );
  ids = rows.map(({ id }) => id);
  await source.client.query('update payment_transactions set psp_transaction_id = null');
  await source.client.query(
    `delete from payments where status in ('pending', 'processing') and id <> all($1::text[])`,
    [ids],
  );
}, 60_000);
afterAll(async () => {
  await source?.drop();
  await processor?.stop();
});

const intent = (more: Partial<Stripe.PaymentIntentCreateParams> = {}): Promise<Stripe.PaymentIntent> =>
  stripe.paymentIntents.create({
    ...{ amount: 1_234, currency: 'usd', payment_method: 'pm_card_visa', capture_method: 'manual' },
    ...{ confirm: true, allowed_payment_method_types: ['card'] },
    ...more,
  });
const statusOf = async ({ id }: Stripe.PaymentIntent) => (await stripe.paymentIntents.retrieve(id)).status;

const names = (payment: number, { id }: { id: string }, status = 'pending') =>
  source.client.query('update payments set psp_transaction_id = $2, status = $3 where id = $1', [
    ids[payment],
    id,
    status,
  ]);

/** Copies, opens the payments database as a cut-over does, and runs its service until `use` has ended. */
const runMoved = async (open: 'cancel' | 'keep', use: (system: TargetSystem) => Promise<void>) => {
  const system = await targetSystem();
  try {
    await copyInto(system, source.url, { options: { ...ALL_OPTIONS, open }, nowMs: Date.now() });
    expect((await verifyIn(system, source.url)).findings).toEqual({ count: 0, shown: [] });
    await system.query('payments', OPEN_SQL);
    const app = await startServices(await findServices({ SERVICES: 'payments' }), {
      env: { ...system.env, PROCESSOR_URL: `http://127.0.0.1:${port}`, STRIPE_SECRET_KEY: KEY },
    });
    try {
      await use(system);
    } finally {
      await app.stop();
    }
  } finally {
    await system.close();
  }
};

const moved = async (system: TargetSystem, payment: number) => {
  const [row] = await system.query<{ status: string; step: string; waits: boolean }>(
    'payments',
    `select p.status, o.step, o.next_attempt_at > now() + interval '1 minute' as waits
     from poc2_ids i join payments p on p.id = i.new_id
       join processor_operations o on o.id = p.id || ':charge'
     where i.old_id = $1`,
    [ids[payment]],
  );
  return row;
};
const over = (system: TargetSystem) =>
  eventually(async () => {
    const rows = await system.query('payments', `select from processor_operations where step <> 'done'`);
    expect(rows).toHaveLength(0);
  }, LIMIT_MS);

it('what the processor holds for cancelled payments is given back by the service', async () => {
  const reserved = await intent();
  const taken = await intent({ capture_method: 'automatic' });
  const [named, unfinished] = [await intent(), await intent({ confirm: false })];
  await names(0, reserved, 'processing');
  await names(1, taken);
  await names(2, named);
  await source.client.query(
    `insert into payment_transactions (id, payment_id, status, psp_transaction_id)
     values ('t', $1, 'pending', $2)`,
    [ids[2], unfinished.id],
  );
  await runMoved('cancel', over);
  expect(await statusOf(reserved)).toBe('canceled');
  expect(await statusOf(named)).toBe('canceled');
  expect(await statusOf(unfinished)).toBe('canceled');
  const { data: refunds } = await stripe.refunds.list({ payment_intent: taken.id });
  expect(refunds).toMatchObject([{ amount: 1_234, status: 'succeeded' }]);
  await source.client.query(`delete from payment_transactions where id = 't'`);
}, 60_000);

it('kept payments wait for their payers, end as their PaymentIntents do, and take no other sum', async () => {
  const [reserved, waiting] = [await intent(), await intent({ confirm: false })];
  const [other, shared] = [await intent({ amount: 123_400 }), await intent()];
  await names(0, reserved, 'processing');
  await names(1, waiting);
  await names(2, other, 'processing');
  await names(3, shared);
  await names(4, shared);
  await runMoved('keep', async (system) => {
    // Nobody knows which of the two it pays.
    expect([await moved(system, 3), await moved(system, 4)]).toEqual([undefined, undefined]);
    await eventually(async () => {
      expect(await moved(system, 0)).toMatchObject({ status: 'completed', step: 'done' });
      expect(await moved(system, 1)).toEqual({ status: 'pending', step: 'await', waits: true });
      expect(await moved(system, 2)).toMatchObject({ status: 'failed', step: 'done' });
    }, LIMIT_MS);
    await stripe.paymentIntents.confirm(waiting.id);
    await system.query(
      'payments',
      `update processor_operations set next_attempt_at = now() where step = 'await'`,
    );
    await over(system);
    expect(await moved(system, 1)).toMatchObject({ status: 'completed' });
  });
  expect(await statusOf(reserved)).toBe('succeeded');
  expect(await statusOf(other)).toBe('canceled');
  expect(await statusOf(shared)).toBe('requires_capture');
}, 60_000);
