import { randomUUID } from 'node:crypto';
import { worker, type Worker } from '../../../broker/events/worker.ts';
import { change } from '../change.ts';
import { retryDelayMs } from '../domain/payment.ts';
import type { PaymentsRoom } from '../payments-room.ts';
import { claimDue, putBack } from '../persistence/claims.ts';
import { lockPayment, type PaymentRow } from '../persistence/payments.ts';
import { ask } from './ask.ts';
import type { Outcome } from './outcome.ts';

export type Driver = Worker;

const CHANNEL = 'payments_due';
const POLL_MS = 500;
/** A claim outlives the slowest answer of the processor by this much. */
const LEASE_MARGIN_MS = 2_000;
const POLL_PENDING_MS = 2_000;

/** What an outcome means for a payment that waits to be authorized or captured, as an event and its note. */
const settle = async (room: PaymentsRoom, row: PaymentRow, outcome: Outcome): Promise<boolean> =>
  room.db.transaction(async (tx) => {
    const locked = await lockPayment(tx, row.id);
    // Somebody else moved the payment meanwhile (it was cancelled, or our lease ran out): what they did
    // stands.
    if (!locked || locked.claim !== row.claim) return true;
    const intentId = 'intentId' in outcome ? outcome.intentId : null;
    switch (outcome.kind) {
      case 'authorized':
        return change(room, tx, locked, 'authorized', { note: 'Authorized by the bank', intentId });
      case 'captured': {
        if (locked.status === 'pending') {
          await change(room, tx, locked, 'authorized', { note: 'Authorized by the bank', intentId });
        }
        const current = await lockPayment(tx, row.id);
        return current ? change(room, tx, current, 'captured', { note: 'Paid', intentId }) : true;
      }
      case 'declined': {
        const { code, message } = outcome;
        return change(room, tx, locked, 'declined', { note: message, failure: { code, message }, intentId });
      }
      case 'voided':
      case 'refunded': {
        const failure = { code: outcome.kind, message: 'The card processor gave the payment up.' };
        return change(room, tx, locked, 'declined', { note: failure.message, failure, intentId });
      }
      default:
        return false;
    }
  });

const isGivenBack = ({ kind }: Outcome): boolean =>
  kind === 'voided' || kind === 'refunded' || kind === 'declined' || kind === 'missing';

/**
 * Whether the key's answer is a saved failure under which nothing was done: only another key can help then.
 * What was done is looked up before, so a step is never taken twice.
 */
const isUsedUp = ({ step }: PaymentRow, { kind }: Outcome): boolean =>
  kind === 'missing' ||
  (step === 'capture' && kind === 'authorized') ||
  (step === 'void' && (kind === 'authorized' || kind === 'pending' || kind === 'captured'));

/** Moves one claimed payment by one step. */
const drive = async (room: PaymentsRoom, row: PaymentRow): Promise<void> => {
  const { clock, db, log } = room;
  const outcome = await ask(room.state.processor, row);
  const intentId = 'intentId' in outcome ? outcome.intentId : null;
  const later = (delayMs: number) => new Date(clock.nowMs() + delayMs);

  if (row.step === 'void') {
    if (isGivenBack(outcome)) return putBack(db, row, { step: 'done', at: null, intentId });
  } else if (outcome.kind === 'pending') {
    const step = row.step === 'capture' ? 'capture' : 'await';
    return putBack(db, row, { step, at: later(POLL_PENDING_MS), intentId });
  } else if (
    !(row.step === 'capture' && outcome.kind === 'authorized') &&
    (await settle(room, row, outcome))
  ) {
    return;
  }
  log.warn(
    { payment: row.id, step: row.step, attempts: row.attempts, outcome },
    'the processor will be asked again',
  );
  const keyTry = row.key_try + (isUsedUp(row, outcome) ? 1 : 0);
  await putBack(db, row, { step: row.step, at: later(retryDelayMs(row.attempts)), intentId, keyTry });
};

/**
 * Drives payments through the processor from their own rows. The processor is never asked inside a
 * transaction; before each question the row says what is about to be asked, and after it what was answered,
 * so that whoever finds the row can go on: the processor's own idempotency key is the payment's id.
 */
export const startDriver = (room: PaymentsRoom): Driver => {
  const { clock, db, log, config } = room;
  const slots = config.PAYMENTS_DRIVER_SLOTS;
  const leaseMs = config.PROCESSOR_TIMEOUT_MS * 2 + LEASE_MARGIN_MS;
  const underWay = new Set<Promise<void>>();

  const run = async (): Promise<boolean> => {
    const limit = slots - underWay.size;
    if (limit <= 0) return false;
    const rows = await claimDue(db, { token: randomUUID(), now: clock.now(), leaseMs, limit });
    for (const row of rows) {
      const task = drive(room, row)
        .catch((error: unknown) => log.error({ err: error, payment: row.id }, 'a payment was not driven on'))
        .finally(() => {
          underWay.delete(task);
          loop.wake();
        });
      underWay.add(task);
    }
    return false;
  };

  const loop = worker({ name: 'payments driver', db, channel: CHANNEL, pollMs: POLL_MS, log, run });
  return {
    wake: loop.wake,
    stop: async () => {
      await loop.stop();
      await Promise.all(underWay);
    },
  };
};
