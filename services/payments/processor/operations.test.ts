import { register } from 'prom-client';
import { eventually } from '../../../broker/testing/eventually.ts';
import type { Database } from '../../../broker/postgres/database.ts';
import { payments, type Payment, type PaymentStatus } from '../../../shared/contracts/payments.ts';
import type { PaymentsService } from '../payments.ts';
import { saveIntent } from '../persistence/operations.ts';
import { startPayments, type PaymentsApp } from '../testing/start-payments.ts';
import { DRIVER_WORK } from './driver.ts';

const TIMEOUT_MS = 500;
const LATE_MS = 700;
const LIMIT_MS = 20_000;

let app: PaymentsApp;
let service: PaymentsService;
let sandbox: Database;
let count = 0;
beforeAll(async () => {
  app = await startPayments({
    PROCESSOR_TIMEOUT_MS: String(TIMEOUT_MS),
    SANDBOX_PENDING_MS: '1000',
    SANDBOX_SECRET_KEY: 'sk_test_0123456789abcdef',
    STRIPE_SECRET_KEY: 'sk_test_0123456789abcdef',
  });
  service = app.service('payments') as PaymentsService;
  sandbox = app.service('processor-sandbox').db;
});
afterAll(() => app.stop());

const faults = async (method: 'POST' | 'DELETE', fault?: object): Promise<void> => {
  const { url } = app.service('processor-sandbox').state as { url: string };
  const answer = await fetch(`${url}/sandbox/faults`, {
    method,
    headers: { authorization: 'Bearer sk_test_0123456789abcdef' },
    ...(fault && { body: JSON.stringify(fault) }),
  });
  expect(answer.status).toBe(200);
};
afterEach(() => faults('DELETE'));

/** What the processor holds of a payment: reserved and kept, in minor units, and the number of intents. */
const heldFor = async (id: string) => {
  const [row] = await sandbox.query<{ reserved: number; kept: number; intents: number }>(
    `select coalesce(sum(i.amount) filter (where i.status in ('requires_capture', 'processing')), 0)::int
         as reserved,
       coalesce(sum(c.amount - c.amount_refunded), 0)::int as kept, count(*)::int as intents
     from payment_intents i left join charges c on c.payment_intent = i.id
     where i.metadata ->> 'payment_id' = $1`,
    [id],
  );
  return row;
};

const operationsOf = (id: string) =>
  service.db.query<{ kind: string; step: string; stuck: string | null; attempts: number }>(
    'select kind, step, stuck, attempts from processor_operations where payment_id = $1 order by id',
    [id],
  );
const ended = (id: string) =>
  eventually(async () => {
    // Long pauses between attempts are not what is tested.
    await service.db.query(
      `update processor_operations set next_attempt_at = now() - interval '1 second'
       where payment_id = $1 and claim is null and next_attempt_at > now()`,
      [id],
    );
    service.db.wake(DRIVER_WORK);
    return (await operationsOf(id)).every(({ step }) => step === 'done');
  }, LIMIT_MS);
const statusOf = async (id: Payment['id']): Promise<PaymentStatus> =>
  (await app.call(payments.actions.get, { id }, { as: app.customer })).status;

/** An amount of its own for each payment, by which faults select it. */
const newPayment = () => {
  const amountMinor = 5_000 + ++count;
  return { amountMinor, key: `operation-${count}` };
};

type Operation = 'create' | 'capture' | 'cancel' | 'refund';
type Fault = { name: string; fault: object; times?: number };
const DONE_500: Fault = { name: 'done, and a saved 500', fault: { failAfterCharging: '500' } };
const UNDONE_500: Fault = { name: 'not done, and a saved 500', fault: { failBefore: '500' } };
const LOST: Fault = { name: 'done, and the answer is lost', fault: { failAfterCharging: 'timeout' } };
const LATE: Fault = { name: 'done after the time limit', fault: { slowMs: LATE_MS } };
const TWICE: Fault = { name: 'webhooks arrive twice', fault: { webhooks: 'twice' } };
const SUCCESS: Fault = { name: 'success', fault: { webhooks: 'normal' } };
const refusal = (status: number, code: string, times = 1): Fault => ({
  name: `${status} ${code}, ${times} times`,
  fault: { refuse: { status, code } },
  times,
});

const inject = ({ fault, times = 1 }: Fault, operation: Operation, amountMinor: number) =>
  faults('POST', { ...fault, times, matching: { amount: amountMinor, operation } });

const outcomeOfFault = async (operation: Operation, fault: Fault, card = 'pm_card_visa') => {
  const { amountMinor, key } = newPayment();
  await inject(fault, operation, amountMinor);
  const { id } = await app.pay({ amountMinor, paymentMethod: card }, key);
  await ended(id);
  return { id, status: await statusOf(id), amountMinor, held: await heldFor(id) };
};

const stuckReversals = async () =>
  (await register.getSingleMetric('payloom_payments_reversals_stuck')?.get())?.values[0]?.value;

const COMPLETED: PaymentStatus = 'completed';
const FAILED: PaymentStatus = 'failed';

describe('a payment whose authorization', () => {
  it.each<[string, Fault, PaymentStatus]>(
    (
      [
        [SUCCESS, COMPLETED],
        [TWICE, COMPLETED],
        [LOST, COMPLETED],
        [LATE, COMPLETED],
        [DONE_500, COMPLETED],
        [UNDONE_500, COMPLETED],
        [refusal(400, 'parameter_invalid_empty'), FAILED],
        [refusal(402, 'card_declined'), FAILED],
      ] as const
    ).map(([fault, status]) => [fault.name, fault, status]),
  )('has the result "%s" ends once, and the processor holds what it should', async (_name, fault, status) => {
    const seen = await outcomeOfFault('create', fault);
    const kept = status === COMPLETED ? seen.amountMinor : 0;
    expect(seen).toMatchObject({ status, held: { reserved: 0, kept } });
    expect(seen.held?.intents).toBe(status === COMPLETED ? 1 : 0);
  });

  it('asks for the payer fails, and nothing stays open', async () => {
    const seen = await outcomeOfFault('create', SUCCESS, 'pm_card_authenticationRequired');
    expect(seen).toMatchObject({ status: 'failed', held: { reserved: 0, kept: 0 } });
    expect(await operationsOf(seen.id)).toMatchObject([
      { kind: 'charge', step: 'done' },
      { kind: 'reversal', step: 'done' },
    ]);
  });
});

describe('a payment whose capture', () => {
  it.each<[string, Fault, PaymentStatus]>(
    (
      [
        [SUCCESS, COMPLETED],
        [TWICE, COMPLETED],
        [LOST, COMPLETED],
        [LATE, COMPLETED],
        [DONE_500, COMPLETED],
        [UNDONE_500, COMPLETED],
        [refusal(400, 'charge_expired_for_capture'), FAILED],
        [refusal(402, 'card_declined'), FAILED],
        [refusal(404, 'resource_missing'), FAILED],
      ] as const
    ).map(([fault, status]) => [fault.name, fault, status]),
  )('has the result "%s" ends once, and the processor holds what it should', async (_name, fault, status) => {
    const seen = await outcomeOfFault('capture', fault);
    const kept = status === COMPLETED ? seen.amountMinor : 0;
    expect(seen).toMatchObject({ status, held: { reserved: 0, kept, intents: 1 } });
  });
});

/** A payment that is cancelled after the processor has reserved its money and before the answer is known. */
const cancelledWhileReserved = async (during?: (id: string) => Promise<void>) => {
  const { amountMinor, key } = newPayment();
  await inject(LOST, 'create', amountMinor);
  const { id } = await app.pay({ amountMinor }, key);
  await eventually(async () => ((await heldFor(id))?.reserved ?? 0) > 0);
  await during?.(id);
  expect((await app.call(payments.actions.cancel, { id }, { as: app.customer })).status).toBe('cancelled');
  return { id, amountMinor };
};

/** As an operator does in the processor's dashboard. */
const captureByHand = async (id: string) => {
  const { processor } = service.state;
  const [intent] = await sandbox.query<{ id: string }>(
    "select id from payment_intents where metadata ->> 'payment_id' = $1",
    [id],
  );
  expect(await processor.capture(`${id} by hand`, intent?.id ?? '')).toMatchObject({ kind: 'captured' });
};

const NOTHING = { reserved: 0, kept: 0, intents: 1 };

describe('money that is given back', () => {
  it.each([
    SUCCESS,
    TWICE,
    LOST,
    LATE,
    DONE_500,
    UNDONE_500,
    refusal(400, 'intent_invalid_state'),
    refusal(400, 'intent_invalid_state', 3),
    refusal(404, 'resource_missing'),
  ])('by a void with the result "$name"', async (fault) => {
    const { id, amountMinor } = await cancelledWhileReserved();
    await inject(fault, 'cancel', amountMinor);
    await ended(id);
    expect([await statusOf(id), await heldFor(id)]).toEqual(['cancelled', NOTHING]);
  });

  it.each([
    SUCCESS,
    TWICE,
    LOST,
    LATE,
    DONE_500,
    UNDONE_500,
    refusal(400, 'balance_insufficient', 3),
    refusal(404, 'resource_missing'),
    { name: 'pending', fault: { refundStatus: 'pending' } },
    { name: 'failed', fault: { refundStatus: 'failed' }, times: 2 },
  ])('by a refund with the result "$name"', async (fault: Fault) => {
    const { id, amountMinor } = await cancelledWhileReserved(captureByHand);
    await inject(fault, 'refund', amountMinor);
    await ended(id);
    expect([await statusOf(id), await heldFor(id)]).toEqual(['cancelled', NOTHING]);
    const [{ succeeded } = { succeeded: 0 }] = await sandbox.query<{ succeeded: number }>(
      `select count(*)::int as succeeded from refunds r join payment_intents i on i.id = r.payment_intent
       where i.metadata ->> 'payment_id' = $1 and r.status <> 'failed'`,
      [id],
    );
    expect(succeeded).toBe(1);
  });

  it('is not believed to be: a refusal is visible until an attempt succeeds', async () => {
    const { id, amountMinor } = await cancelledWhileReserved();
    await inject(refusal(400, 'balance_insufficient', 1_000), 'cancel', amountMinor);
    const refused = await eventually(async () => {
      const reversal = (await operationsOf(id)).find(({ kind }) => kind === 'reversal');
      return reversal?.stuck ? reversal : null;
    }, LIMIT_MS);
    expect(refused).toMatchObject({ step: 'reverse', stuck: 'balance_insufficient' });
    expect(await stuckReversals()).toBe(1);
    const inspected = await app.call(payments.actions.inspect, { id: id as Payment['id'] }, { from: 'test' });
    expect(inspected.operations.map(({ stuck }) => stuck)).toEqual([null, 'balance_insufficient']);
    await faults('DELETE');
    await ended(id);
    expect(await heldFor(id)).toEqual(NOTHING);
    expect(await stuckReversals()).toBe(0);
  });
});

describe('an authorization', () => {
  it('under a second key, with a lost answer, is found and given back', async () => {
    const { amountMinor, key } = newPayment();
    await inject(UNDONE_500, 'create', amountMinor);
    const { id } = await app.pay({ amountMinor }, key);
    await eventually(async () => (await operationsOf(id))[0]?.attempts === 1);
    // Replays of the first key meet no fault; the request under the second key does.
    await inject(LOST, 'create', amountMinor);
    await eventually(async () => ((await heldFor(id))?.reserved ?? 0) > 0, LIMIT_MS);
    await app.call(payments.actions.cancel, { id }, { as: app.customer });
    await ended(id);
    expect([await statusOf(id), await heldFor(id)]).toEqual(['cancelled', NOTHING]);
  });

  it.each([['continues', false] as const, ['is cancelled', true] as const])(
    'whose answer was lost a day ago is not made again when the payment %s',
    async (_what, isCancelled) => {
      const { amountMinor, key } = newPayment();
      await inject(LOST, 'create', amountMinor);
      const { id } = await app.pay({ amountMinor }, key);
      await eventually(async () => ((await heldFor(id))?.reserved ?? 0) > 0);
      // The processor drops its keys, and for the payment a day passes.
      await sandbox.query('delete from idempotency_keys');
      await service.db.query(
        "update processor_operations set key_used_at = key_used_at - interval '1 day' where payment_id = $1",
        [id],
      );
      if (isCancelled) await app.call(payments.actions.cancel, { id }, { as: app.customer });
      await ended(id);
      expect([await statusOf(id), await heldFor(id)]).toEqual(
        isCancelled ? ['cancelled', NOTHING] : ['completed', { reserved: 0, kept: amountMinor, intents: 1 }],
      );
    },
  );

  it('whose answer arrives after its claim was lost is given back', async () => {
    const { amountMinor, key } = newPayment();
    const { id } = await app.pay({ amountMinor, paymentMethod: 'pm_card_chargeDeclined' }, key);
    await ended(id);
    const late = await service.state.processor.authorize({
      paymentId: id,
      amountMinor,
      currency: 'EUR',
      paymentMethod: 'pm_card_visa',
      description: null,
      attempt: 7,
    });
    expect(late).toMatchObject({ kind: 'authorized' });
    const intentId = 'intentId' in late ? (late.intentId ?? '') : '';
    for (let time = 0; time < 2; time++) await saveIntent(service.db, id, intentId, service.clock.now());
    await ended(id);
    expect([await statusOf(id), await heldFor(id)]).toEqual(['failed', { ...NOTHING, intents: 2 }]);
  });
});
