import { setTimeout as sleep } from 'node:timers/promises';
import { signIn } from '../system/accounts.ts';
import { retry } from '../system/client.ts';
import { inParallel, seeded, until } from '../system/timing.ts';
import { pay, payment } from './load.ts';
import type { InstanceFault, Run, StackFault, Target } from './fault.ts';

const END_LIMIT_MS = 20_000;

const FAULTS = [
  { failAfterCharging: 'timeout' },
  { failAfterCharging: '500' },
  { failBefore: '500' },
  { webhooks: 'twice' },
  { webhooks: 'before-answer' },
  { webhooks: 'never' },
];

const completed = async (target: Target, faults: readonly object[], label: string, card?: string) => {
  const client = await signIn(target.urls);
  let slowestMs = 0;
  for (const [number, fault] of faults.entries()) {
    await target.injectFault({ ...fault, times: 2 });
    await inParallel(4, 4, async (index) => {
      const key = `${label}-${number}-${index}`;
      const { answer, startedMs } = await pay(target, client, { key, amountMinor: 2_000 + number, card });
      const ended = await retry(async (at) => {
        const read = await client.get(`/api/payments/${String(answer.body['id'])}`, at);
        return read.body['status'] === 'completed' ? read : { ...read, status: 503, retryAfter: '1' };
      });
      slowestMs = Math.max(slowestMs, ended.endedMs - startedMs);
    });
  }
  await target.injectFault(null);
  return `${faults.length * 4} payments completed under ${faults.length} faults, slowest ${slowestMs} ms`;
};

const failProcessor = (target: Target, { seed }: Run): Promise<string> =>
  completed(target, FAULTS, `f9-${seed}`);

export const processor: StackFault = {
  on: 'stack',
  name: 'F9-processor',
  title:
    'the processor: timeout and 500 after charging, 500 before, webhooks twice, first and never; slow bank',
  run: async (system, run) => {
    const instant = await failProcessor(system, run);
    if (!system.isOurs) return instant;
    // With a slow bank the result arrives by webhook only.
    const webhooks = FAULTS.filter((fault) => 'webhooks' in fault);
    const slow = await completed(system, webhooks, `f9-${run.seed}-slow`, 'pm_card_pending');
    return `${instant}; with a slow bank ${slow}`;
  },
};

export const processorInstance: InstanceFault = {
  on: 'instance',
  name: 'F9-processor-instance',
  title: 'the same on an embedded instance',
  run: failProcessor,
};

/** Cancelling and capturing race 200 times; exactly one of them wins each time. */
const raceCancel = async (target: Target, { seed }: Run): Promise<string> => {
  const random = seeded(seed);
  const client = await signIn(target.urls);
  const seen: Record<string, number> = {};
  await inParallel(200, 8, async (index) => {
    const key = `cancel-${seed}-${index}`;
    const body = payment(1_000 + index);
    const opened = await client.post('/api/payments', body, { 'idempotency-key': key }, index);
    const id = String(opened.body['id']);
    target.ack(key, id, opened.status);
    await sleep(random() * 40);
    const { status } = await client.post(`/api/payments/${id}/cancel`, {}, {}, index);
    const endMs = Date.now() + END_LIMIT_MS;
    let last = '';
    do {
      last = String((await client.get(`/api/payments/${id}`, index)).body['status']);
      if (last === 'cancelled' || last === 'completed') break;
      await sleep(20);
    } while (Date.now() < endMs);
    const consistent = (status === 200 && last === 'cancelled') || (status === 409 && last === 'completed');
    if (!consistent) throw new Error(`cancel of ${id} answered ${status}, the payment ended ${last}`);
    seen[last] = (seen[last] ?? 0) + 1;
  });
  return `${seen['cancelled'] ?? 0} cancelled, ${seen['completed'] ?? 0} completed, none both`;
};

export const cancel: StackFault = {
  on: 'stack',
  name: 'F9-cancel',
  title: 'cancel raced against the processor 200 times',
  run: raceCancel,
};

export const cancelInstance: InstanceFault = {
  on: 'instance',
  name: 'F9-cancel-instance',
  title: 'the same on an embedded instance',
  run: raceCancel,
};

/** How giving money back goes wrong: a fault of the void after a cancel, or of the capture. */
const REVERSALS = [
  { name: 'void: answer lost', operation: 'cancel', failAfterCharging: 'timeout' },
  { name: 'void: saved 500', operation: 'cancel', failBefore: '500' },
  { name: 'void: 500 after it', operation: 'cancel', failAfterCharging: '500' },
  { name: 'void: refused', operation: 'cancel', refuse: { status: 400, code: 'intent_invalid_state' } },
  {
    name: 'capture: refused',
    operation: 'capture',
    refuse: { status: 400, code: 'charge_expired_for_capture' },
  },
  { name: 'capture: 404', operation: 'capture', refuse: { status: 404, code: 'resource_missing' } },
] as const;

/** Payments that end without money: whatever giving it back meets, the processor holds nothing afterwards. */
const reverse = async (target: Target, { seed }: Run): Promise<string> => {
  const client = await signIn(target.urls);
  for (const [number, { name, operation, ...fault }] of REVERSALS.entries()) {
    const amountMinor = 4_000 + number;
    const isCancelled = operation === 'cancel';
    const wanted = isCancelled ? 'cancelled' : 'failed';
    if (isCancelled) {
      await target.injectFault({ slowMs: 500, matching: { amount: amountMinor, operation: 'create' } });
    }
    await target.injectFault({ ...fault, times: 4, matching: { amount: amountMinor, operation } });
    await inParallel(4, 4, async (index) => {
      const key = `f9-${seed}-reversal-${number}-${index}`;
      const { answer } = await pay(target, client, { key, amountMinor });
      const path = `/api/payments/${String(answer.body['id'])}`;
      if (isCancelled) await client.post(`${path}/cancel`);
      await until(`${name}: ${wanted}`, END_LIMIT_MS, async () => {
        const { body } = await client.get(path);
        return body['status'] === wanted;
      });
    });
    await target.injectFault(null);
  }
  return `${REVERSALS.length * 4} payments under ${REVERSALS.length} faults ended without money`;
};

export const reversals: StackFault = {
  on: 'stack',
  name: 'F9-reversals',
  title: 'giving money back: voids refused, lost and failed, captures refused',
  run: reverse,
};
