import { AppError } from '../../../broker/errors.ts';
import { callerOf, type Handler } from '../../../broker/implement.ts';
import type { payments } from '../../../shared/contracts/payments.ts';
import { change } from '../change.ts';
import type { PaymentsRoom } from '../payments-room.ts';
import { findPayment, lockPayment, toPayment } from '../persistence/payments.ts';

/**
 * Cancels a pending payment. The row's lock decides the race with the processor: money is captured only
 * after `processing` was committed, and a cancelled payment can no longer reach that.
 */
export const cancel: Handler<PaymentsRoom, typeof payments.actions.cancel> = async (room, call) => {
  const { userId } = callerOf(call);
  const { id } = call.params;
  await room.db.transaction(async (tx) => {
    const row = await lockPayment(tx, id, userId);
    if (!row) throw new AppError('payment_not_found');
    // Asking twice is not a mistake: the answer is the same cancelled payment.
    if (row.status === 'cancelled') return;
    const changed = await change(room, tx, row, 'cancelled', { note: 'Cancelled by the payer' });
    if (!changed) throw new AppError('payment_not_pending');
  });
  const row = await findPayment(room.db, id, userId);
  if (!row) throw new AppError('payment_not_found');
  return toPayment(row, userId);
};
