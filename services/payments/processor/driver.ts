import { randomUUID } from 'node:crypto';
import { inTrace } from '../../../broker/calls/request-context.ts';
import { parseTraceparent } from '../../../broker/telemetry/trace-context.ts';
import { reportFailure } from '../../../broker/telemetry/failures.ts';
import { inSpan } from '../../../broker/telemetry/tracing.ts';
import { worker, type Worker } from '../../../broker/process/worker.ts';
import type { PaymentsService } from '../payments.ts';
import { watchPayments } from '../metrics.ts';
import {
  claimDue,
  countStuck,
  oldestOpenS,
  type DueOperation,
  type Operation,
} from '../persistence/operations.ts';
import { takeChargeStep } from './charge.ts';
import { takeReversalStep } from './reversal.ts';

/** `db.wake(DRIVER_WORK)` makes the driver look for due operations now. */
export const DRIVER_WORK = 'payments driver';

const POLL_MS = 500;
/** A claim outlives the slowest answer of the processor by this much. */
const LEASE_MARGIN_MS = 2_000;

/**
 * Runs the operations at the processor, driven by their rows. The processor is never called inside a
 * transaction. The row holds the next step before each request and the result after it, so any process can
 * continue; the idempotency keys follow from the row.
 */
export const startDriver = (service: PaymentsService): Worker => {
  const { clock, db, log, config } = service;
  const slots = config.PAYMENTS_DRIVER_SLOTS;
  const leaseMs = config.PROCESSOR_TIMEOUT_MS * 2 + LEASE_MARGIN_MS;
  const running = new Set<Promise<void>>();
  /** All slots are taken, so more operations may be due. */
  let isFull = false;

  const takeSteps = async (due: DueOperation): Promise<void> => {
    if (due.operation_kind === 'reversal') {
      if (await takeReversalStep(service, due)) loop.wake();
      return;
    }
    for (let charge: Operation | null = due; charge;) {
      charge = await takeChargeStep(service, charge, leaseMs);
    }
  };

  /** In the trace of the act that caused the payment. */
  const drive = (due: DueOperation): Promise<void> =>
    inTrace(parseTraceparent(due.traceparent), () =>
      inSpan(`payments ${due.operation_kind}`, { kind: 'consumer' }, () => takeSteps(due)).catch(
        (error: unknown) => {
          log.error({ err: error, payment: due.id }, 'payment processing failed');
          reportFailure(error, { service: 'payments', work: DRIVER_WORK });
        },
      ),
    );

  const run = async (): Promise<boolean> => {
    const limit = slots - running.size;
    isFull = limit <= 0;
    if (isFull) return false;
    const rows = await claimDue(db, { token: randomUUID(), now: clock.now(), leaseMs, limit });
    for (const row of rows) {
      const task = drive(row).finally(() => {
        running.delete(task);
        if (isFull) loop.wake();
      });
      running.add(task);
    }
    isFull = rows.length === limit;
    return false;
  };

  const unwatch = watchPayments({
    stuckReversals: () => countStuck(db),
    oldestOpenS: () => oldestOpenS(db),
  });
  const loop = worker({ name: 'payments driver', db, work: DRIVER_WORK, pollMs: POLL_MS, log, run });
  return {
    wake: loop.wake,
    stop: async () => {
      unwatch();
      await loop.stop();
      await Promise.all(running);
    },
  };
};
