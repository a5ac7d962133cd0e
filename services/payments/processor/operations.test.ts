import { register } from 'prom-client';
import { eventually } from '../../../broker/testing/eventually.ts';
import { payments, type Payment, type PaymentStatus } from '../../../shared/contracts/payments.ts';
import {
  DONE_500,
  LATE,
  LIMIT_MS,
  LOST,
  NOTHING,
  refusal,
  startOperations,
  SUCCESS,
  TWICE,
  UNDONE_500,
  type Fault,
  type FaultyRequest,
  type Operations,
} from '../testing/start-operations.ts';

let app: Operations;
beforeAll(async () => {
  app = await startOperations();
});
afterEach(() => app.endFaults());
afterAll(() => app.stop());

const outcomeOfFault = async (operation: FaultyRequest, fault: Fault, card = 'pm_card_visa') => {
  const { amountMinor, key } = app.newPayment();
  await app.inject(fault, operation, amountMinor);
  const { id } = await app.pay({ amountMinor, paymentMethod: card }, key);
  await app.ended(id);
  return { id, status: await app.statusOf(id), amountMinor, held: await app.heldFor(id) };
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
    expect(await app.operationsOf(seen.id)).toMatchObject([
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
  const { amountMinor, key } = app.newPayment();
  await app.inject(LOST, 'create', amountMinor);
  const { id } = await app.pay({ amountMinor }, key);
  await app.isReserved(id);
  await during?.(id);
  expect(await app.cancel(id)).toBe('cancelled');
  return { id, amountMinor };
};

/** As an operator does in the processor's dashboard. */
const captureByHand = async (id: string) => {
  const { processor } = app.service.state;
  const [intent] = await app.sandbox.query<{ id: string }>(
    "select id from payment_intents where metadata ->> 'payment_id' = $1",
    [id],
  );
  expect(await processor.capture(`${id} by hand`, intent?.id ?? '')).toMatchObject({ kind: 'captured' });
};

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
    await app.inject(fault, 'cancel', amountMinor);
    await app.ended(id);
    expect([await app.statusOf(id), await app.heldFor(id)]).toEqual(['cancelled', NOTHING]);
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
    await app.inject(fault, 'refund', amountMinor);
    await app.ended(id);
    expect([await app.statusOf(id), await app.heldFor(id)]).toEqual(['cancelled', NOTHING]);
    const [{ succeeded } = { succeeded: 0 }] = await app.sandbox.query<{ succeeded: number }>(
      `select count(*)::int as succeeded from refunds r join payment_intents i on i.id = r.payment_intent
       where i.metadata ->> 'payment_id' = $1 and r.status <> 'failed'`,
      [id],
    );
    expect(succeeded).toBe(1);
  });

  it('is not believed to be: a refusal is visible until an attempt succeeds', async () => {
    const { id, amountMinor } = await cancelledWhileReserved();
    await app.inject(refusal(400, 'balance_insufficient', 1_000), 'cancel', amountMinor);
    const refused = await eventually(async () => {
      const reversal = (await app.operationsOf(id)).find(({ kind }) => kind === 'reversal');
      return reversal?.stuck ? reversal : null;
    }, LIMIT_MS);
    expect(refused).toMatchObject({ step: 'reverse', stuck: 'balance_insufficient' });
    expect(await stuckReversals()).toBe(1);
    const inspected = await app.call(payments.actions.inspect, { id: id as Payment['id'] }, { from: 'test' });
    expect(inspected.operations.map(({ stuck }) => stuck)).toEqual([null, 'balance_insufficient']);
    await app.endFaults();
    await app.ended(id);
    expect(await app.heldFor(id)).toEqual(NOTHING);
    expect(await stuckReversals()).toBe(0);
  });
});
