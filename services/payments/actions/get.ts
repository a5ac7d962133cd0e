import { AppError } from '../../../broker/calls/errors.ts';
import { callerOf, type Handler } from '../../../broker/calls/implement.ts';
import type { payments } from '../../../shared/contracts/payments.ts';
import type { PaymentsService } from '../payments.ts';
import { findPayment, readTimeline, toPayment } from '../persistence/payments.ts';

export const get: Handler<PaymentsService, typeof payments.actions.get> = async (service, call) => {
  const { userId } = callerOf(call);
  const row = await findPayment(service.db, call.params.id, userId);
  if (!row) throw new AppError('payment_not_found');
  return { ...toPayment(row, userId), timeline: await readTimeline(service.db, row, userId) };
};
