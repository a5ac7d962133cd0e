import { AppError } from '../../../broker/errors.ts';
import { callerOf, type Handler } from '../../../broker/implement.ts';
import type { payments } from '../../../shared/contracts/payments.ts';
import type { PaymentsRoom } from '../payments-room.ts';
import { findPayment, readTimeline, toPayment } from '../persistence/payments.ts';

export const get: Handler<PaymentsRoom, typeof payments.actions.get> = async (room, call) => {
  const { userId } = callerOf(call);
  const row = await findPayment(room.db, call.params.id, userId);
  if (!row) throw new AppError('payment_not_found');
  return { ...toPayment(row, userId), timeline: await readTimeline(room.db, row, userId) };
};
