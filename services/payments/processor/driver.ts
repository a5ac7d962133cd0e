import { randomUUID } from 'node:crypto';
import { worker, type Worker } from '../../../broker/process/worker.ts';
import { change, type ChangeDetails } from '../change.ts';
import { after, retryDelayMs, type PaymentTransition } from '../domain/payment.ts';
import type { PaymentsService } from '../payments.ts';
import { claimDue, putBack } from '../persistence/claims.ts';
import type { PaymentRow } from '../persistence/payments.ts';
import { ask } from './ask.ts';
import type { Outcome } from './outcome.ts';

export type Driver = Worker;

const POLL_MS = 500;
/** A claim outlives the slowest answer of the processor by this much. */
const LEASE_MARGIN_MS = 2_000;
const POLL_PENDING_MS = 2_000;

type News = { transition: PaymentTransition; details: ChangeDetails };

/** What an outcome means for a payment that waits to be authorized or captured; null when it says nothing. */
const newsOf = (row: PaymentRow, outcome: Outcome, leaseMs: number, nowMs: number): News | null => {
  const intentId = 'intentId' in outcome ? outcome.intentId : null;
  switch (outcome.kind) {
    case 'authorized':
    case 'captured': {
      if (row.status === 'processing') {
        return outcome.kind === 'captured'
          ? { transition: 'captured', details: { note: 'Paid', intentId } }
          : null;
      }
      const claimedUntil = new Date(nowMs + leaseMs);
      return {
        transition: 'authorized',
        details: { note: 'Authorized by the bank', intentId, claimedUntil },
      };
    }
    case 'declined': {
      const { code, message } = outcome;
      return { transition: 'declined', details: { note: message, failure: { code, message }, intentId } };
    }
    case 'voided':
    case 'refunded': {
      const failure = { code: outcome.kind, message: 'The card processor gave the payment up.' };
      return { transition: 'declined', details: { note: failure.message, failure, intentId } };
    }
    default:
      return null;
  }
};

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

/** Takes one step with a claimed payment; the row to go on with at once, or null. */
const takeStep = async (
  service: PaymentsService,
  row: PaymentRow,
  leaseMs: number,
): Promise<PaymentRow | null> => {
  const { clock, db, log } = service;
  const outcome = await ask(service.state.processor, row);
  const intentId = 'intentId' in outcome ? outcome.intentId : null;
  const later = (delayMs: number) => new Date(clock.nowMs() + delayMs);

  if (row.step === 'void') {
    if (isGivenBack(outcome)) {
      await putBack(db, row, { step: 'done', at: null, intentId });
      return null;
    }
  } else if (outcome.kind === 'pending') {
    const step = row.step === 'capture' ? 'capture' : 'await';
    await putBack(db, row, { step, at: later(POLL_PENDING_MS), intentId });
    return null;
  } else {
    const news = newsOf(row, outcome, leaseMs, clock.nowMs());
    if (news && after(row.status, news.transition)) {
      // Null also when somebody else has moved the payment, or our lease ran out: what they did stands.
      const moved = await change(service, row, news.transition, news.details);
      return moved?.claim ? moved : null;
    }
  }
  log.warn(
    { payment: row.id, step: row.step, attempts: row.attempts, outcome },
    'the processor will be asked again',
  );
  const keyTry = row.key_try + (isUsedUp(row, outcome) ? 1 : 0);
  await putBack(db, row, { step: row.step, at: later(retryDelayMs(row.attempts)), intentId, keyTry });
  return null;
};

/**
 * Drives payments through the processor from their own rows. The processor is never asked inside a
 * transaction; before each question the row says what is about to be asked, and after it what was answered,
 * so that whoever finds the row can go on: the processor's own idempotency key is the payment's id.
 */
export const startDriver = (service: PaymentsService): Driver => {
  const { clock, db, log, config } = service;
  const slots = config.PAYMENTS_DRIVER_SLOTS;
  const leaseMs = config.PROCESSOR_TIMEOUT_MS * 2 + LEASE_MARGIN_MS;
  const underWay = new Set<Promise<void>>();
  /** Every slot is taken, so more may be waiting. */
  let isFull = false;

  const drive = async (claimed: PaymentRow): Promise<void> => {
    for (let row: PaymentRow | null = claimed; row;) row = await takeStep(service, row, leaseMs);
  };

  const run = async (): Promise<boolean> => {
    const limit = slots - underWay.size;
    isFull = limit <= 0;
    if (isFull) return false;
    const rows = await claimDue(db, { token: randomUUID(), now: clock.now(), leaseMs, limit });
    for (const row of rows) {
      const task = drive(row)
        .catch((error: unknown) => log.error({ err: error, payment: row.id }, 'a payment was not driven on'))
        .finally(() => {
          underWay.delete(task);
          if (isFull) loop.wake();
        });
      underWay.add(task);
    }
    isFull = rows.length === limit;
    return false;
  };

  const loop = worker({ name: 'payments driver', db, pollMs: POLL_MS, log, run });
  return {
    wake: loop.wake,
    stop: async () => {
      await loop.stop();
      await Promise.all(underWay);
    },
  };
};
