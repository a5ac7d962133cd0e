import { AppError } from '../../../broker/calls/errors.ts';
import { callerOf, type Handler } from '../../../broker/calls/implement.ts';
import type { payments } from '../../../shared/contracts/payments.ts';
import { change } from '../change.ts';
import { after } from '../domain/payment.ts';
import type { PaymentsService } from '../payments.ts';
import { findPayment, toPayment } from '../persistence/payments.ts';

/**
 * Cancels a pending payment. Money is captured only after `processing` was committed, and a cancelled payment
 * can no longer reach that. Whoever loses the race for the row looks again: who won may have asked the
 * processor, and then what it holds is to be given back.
 */
export const cancel: Handler<PaymentsService, typeof payments.actions.cancel> = async (service, call) => {
  const { userId } = callerOf(call);
  for (;;) {
    const row = await findPayment(service.db, call.params.id, userId);
    if (row?.payer_id !== userId) throw new AppError('payment_not_found');
    // Asking twice is not a mistake: the answer is the same cancelled payment.
    if (row.status === 'cancelled') return toPayment(row, userId);
    if (!after(row.status, 'cancelled')) throw new AppError('payment_not_pending');
    const changed = await change(service, row, 'cancelled', { note: 'Cancelled by the payer' });
    if (!changed) continue;
    // What the processor may hold is given back at once.
    service.state.driver.wake();
    return toPayment({ ...row, ...changed }, userId);
  }
};
