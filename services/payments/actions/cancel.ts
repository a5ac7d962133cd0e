import { AppError } from '../../../broker/calls/errors.ts';
import { callerOf, type Handler } from '../../../broker/calls/implement.ts';
import type { payments } from '../../../shared/contracts/payments.ts';
import type { PaymentsService } from '../payments.ts';
import { toPayment } from '../persistence/payments.ts';
import { saveTransition } from '../persistence/save-transition.ts';
import { updatePayment } from '../persistence/update-payment.ts';
import { DRIVER_WORK } from '../processor/driver.ts';

/**
 * Cancels a pending payment. Money is captured only after `processing` was committed, and a cancelled payment
 * cannot reach `processing`. The processor may have been called already; a reversal then gives back what it
 * holds.
 */
export const cancel: Handler<PaymentsService, typeof payments.actions.cancel> = (service, call) => {
  const { userId } = callerOf(call);
  return updatePayment(service.db, call.params.id, userId, async (payment, tx) => {
    // A repeated request gets the same answer.
    if (payment.status === 'cancelled') return toPayment(payment, userId);
    const changed = await saveTransition(service, tx, payment, 'cancelled', {
      reason: 'cancelled_by_payer',
      reverse: true,
    });
    if (!changed) throw new AppError('payment_not_pending');
    tx.afterCommit(() => service.db.wake(DRIVER_WORK));
    return toPayment({ ...payment, ...changed }, userId);
  });
};
