import { eventually } from '../../../broker/testing/eventually.ts';
import { payments, type Payment, type PaymentStatus } from '../../../shared/contracts/payments.ts';
import type { PaymentsService } from '../payments.ts';
import { DRIVER_WORK } from '../processor/driver.ts';
import { startPayments } from './start-payments.ts';

const TIMEOUT_MS = 1_000;
const LATE_MS = 1_300;
export const LIMIT_MS = 20_000;
const KEY = 'sk_test_0123456789abcdef';

export type FaultyRequest = 'create' | 'capture' | 'cancel' | 'refund';
export type Fault = { name: string; fault: object; times?: number };
export const DONE_500: Fault = { name: 'done, and a saved 500', fault: { failAfterCharging: '500' } };
export const UNDONE_500: Fault = { name: 'not done, and a saved 500', fault: { failBefore: '500' } };
export const LOST: Fault = { name: 'done, and the answer is lost', fault: { failAfterCharging: 'timeout' } };
export const LATE: Fault = { name: 'done after the time limit', fault: { slowMs: LATE_MS } };
export const TWICE: Fault = { name: 'webhooks arrive twice', fault: { webhooks: 'twice' } };
export const SUCCESS: Fault = { name: 'success', fault: { webhooks: 'normal' } };
export const refusal = (status: number, code: string, times = 1): Fault => ({
  name: `${status} ${code}, ${times} times`,
  fault: { refuse: { status, code } },
  times,
});

/** What the processor holds of a cancelled payment: one PaymentIntent, and no money. */
export const NOTHING = { reserved: 0, kept: 0, intents: 1 };

/** The services of a payment with an impatient client of the processor, whose faults a test injects. */
export const startOperations = async () => {
  const app = await startPayments({
    PROCESSOR_TIMEOUT_MS: String(TIMEOUT_MS),
    SANDBOX_PENDING_MS: '1000',
    SANDBOX_SECRET_KEY: KEY,
    STRIPE_SECRET_KEY: KEY,
  });
  const service = app.service('payments') as PaymentsService;
  const sandbox = app.service('processor-sandbox').db;
  let count = 0;

  const faults = async (method: 'POST' | 'DELETE', fault?: object): Promise<void> => {
    const { url } = app.service('processor-sandbox').state as { url: string };
    const answer = await fetch(`${url}/sandbox/faults`, {
      method,
      headers: { authorization: `Bearer ${KEY}` },
      ...(fault && { body: JSON.stringify(fault) }),
    });
    if (!answer.ok) throw new Error(await answer.text());
  };
  const inject = ({ fault, times = 1 }: Fault, operation: FaultyRequest, amount: number) =>
    faults('POST', { ...fault, times, matching: { amount, operation } });

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
  const isReserved = (id: string) =>
    eventually(async () => ((await heldFor(id))?.reserved ?? 0) > 0, LIMIT_MS);

  const operationsOf = (id: string) =>
    service.db.query<{ kind: string; step: string; stuck: string | null }>(
      'select kind, step, stuck from processor_operations where payment_id = $1 order by id',
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
  const cancel = async (id: Payment['id']): Promise<PaymentStatus> =>
    (await app.call(payments.actions.cancel, { id }, { as: app.customer })).status;

  /** An amount of its own for each payment, by which faults select it. */
  const newPayment = () => {
    const amountMinor = 5_000 + ++count;
    return { amountMinor, key: `operation-${count}` };
  };
  const endFaults = () => faults('DELETE');
  const { call, pay, stop } = app;
  return {
    ...{ call, pay, stop, service, sandbox, inject, endFaults },
    ...{ heldFor, isReserved, operationsOf, ended, statusOf, cancel, newPayment },
  };
};
export type Operations = Awaited<ReturnType<typeof startOperations>>;
