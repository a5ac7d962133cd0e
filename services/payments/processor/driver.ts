import { randomUUID } from 'node:crypto';
import { worker, type Worker } from '../../../broker/process/worker.ts';
import { after, retryDelayMs, type PaymentTransition } from '../domain/payment.ts';
import type { PaymentsService } from '../payments.ts';
import { claimDue, releaseClaim } from '../persistence/claims.ts';
import type { PaymentRow } from '../persistence/payments.ts';
import { saveTransition, type TransitionDetails } from '../persistence/save-transition.ts';
import { requestNextStep } from './next-step.ts';
import type { Outcome } from './outcome.ts';

/** `db.wake(DRIVER_WORK)` makes the driver look for due payments now. */
export const DRIVER_WORK = 'payments driver';

const POLL_MS = 500;
/** A claim outlives the slowest answer of the processor by this much. */
const LEASE_MARGIN_MS = 2_000;
const POLL_PENDING_MS = 2_000;

type NextTransition = { transition: PaymentTransition; details: TransitionDetails };

/** The transition that an outcome causes while a payment waits for authorization or capture, or null. */
const transitionOf = (
  row: PaymentRow,
  outcome: Outcome,
  leaseMs: number,
  nowMs: number,
): NextTransition | null => {
  const intentId = 'intentId' in outcome ? outcome.intentId : null;
  switch (outcome.kind) {
    case 'authorized':
    case 'captured': {
      if (row.status === 'processing') {
        return outcome.kind === 'captured' ? { transition: 'captured', details: { intentId } } : null;
      }
      const claimedUntil = new Date(nowMs + leaseMs);
      return { transition: 'authorized', details: { intentId, claimedUntil } };
    }
    case 'declined':
      return { transition: 'declined', details: { reason: outcome.code, intentId } };
    case 'voided':
    case 'refunded':
      return { transition: 'declined', details: { reason: outcome.kind, intentId } };
    default:
      return null;
  }
};

const isReversed = ({ kind }: Outcome): boolean =>
  kind === 'voided' || kind === 'refunded' || kind === 'declined' || kind === 'missing';

/**
 * Whether the idempotency key returns a saved failure under which nothing was done: only another key helps.
 * The present state was read before, so no step is taken twice.
 */
const isKeyUsedUp = ({ step }: PaymentRow, { kind }: Outcome): boolean =>
  kind === 'missing' ||
  (step === 'capture' && kind === 'authorized') ||
  (step === 'void' && (kind === 'authorized' || kind === 'pending' || kind === 'captured'));

/** Takes one step with a claimed payment. Returns the row to continue with at once, or null. */
const takeStep = async (
  service: PaymentsService,
  row: PaymentRow,
  leaseMs: number,
): Promise<PaymentRow | null> => {
  const { clock, db, log, outbox } = service;
  const outcome = await requestNextStep(service.state.processor, row);
  const intentId = 'intentId' in outcome ? outcome.intentId : null;
  const later = (delayMs: number) => new Date(clock.nowMs() + delayMs);

  if (row.step === 'void') {
    if (isReversed(outcome)) {
      await releaseClaim(db, row, { step: 'done', at: null, intentId });
      return null;
    }
  } else if (outcome.kind === 'pending') {
    const step = row.step === 'capture' ? 'capture' : 'await';
    await releaseClaim(db, row, { step, at: later(POLL_PENDING_MS), intentId });
    return null;
  } else {
    const next = transitionOf(row, outcome, leaseMs, clock.nowMs());
    if (next && after(row.status, next.transition)) {
      // Null means that another process moved the payment, or that the lease ran out: the other result
      // stands.
      const moved = await saveTransition(service, db, row, next.transition, next.details);
      if (moved) outbox.wake();
      return moved?.claim ? moved : null;
    }
  }
  log.warn(
    { payment: row.id, step: row.step, attempts: row.attempts, outcome },
    'processor request will be retried',
  );
  const keyTry = row.key_try + (isKeyUsedUp(row, outcome) ? 1 : 0);
  await releaseClaim(db, row, { step: row.step, at: later(retryDelayMs(row.attempts)), intentId, keyTry });
  return null;
};

/**
 * Moves payments through the processor, driven by their rows. The processor is never called inside a
 * transaction. The row holds the next step before each request and the result after it, so any process can
 * continue; the processor's idempotency key is the payment's id.
 */
export const startDriver = (service: PaymentsService): Worker => {
  const { clock, db, log, config } = service;
  const slots = config.PAYMENTS_DRIVER_SLOTS;
  const leaseMs = config.PROCESSOR_TIMEOUT_MS * 2 + LEASE_MARGIN_MS;
  const running = new Set<Promise<void>>();
  /** All slots are taken, so more payments may be due. */
  let isFull = false;

  const drive = async (claimed: PaymentRow): Promise<void> => {
    for (let row: PaymentRow | null = claimed; row;) row = await takeStep(service, row, leaseMs);
  };

  const run = async (): Promise<boolean> => {
    const limit = slots - running.size;
    isFull = limit <= 0;
    if (isFull) return false;
    const rows = await claimDue(db, { token: randomUUID(), now: clock.now(), leaseMs, limit });
    for (const row of rows) {
      const task = drive(row)
        .catch((error: unknown) => log.error({ err: error, payment: row.id }, 'payment processing failed'))
        .finally(() => {
          running.delete(task);
          if (isFull) loop.wake();
        });
      running.add(task);
    }
    isFull = rows.length === limit;
    return false;
  };

  const loop = worker({ name: 'payments driver', db, work: DRIVER_WORK, pollMs: POLL_MS, log, run });
  return {
    wake: loop.wake,
    stop: async () => {
      await loop.stop();
      await Promise.all(running);
    },
  };
};
