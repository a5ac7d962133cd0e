import { AppError } from '../../../broker/calls/errors.ts';
import { callerOf, type Handler } from '../../../broker/calls/implement.ts';
import type { payments } from '../../../shared/contracts/payments.ts';
import type { PaymentsService } from '../payments.ts';
import { findPayment, readTimeline, toPayment, viewerOf } from '../persistence/payments.ts';

export const get: Handler<PaymentsService, typeof payments.actions.get> = async (service, call) => {
  const caller = callerOf(call);
  const row = await findPayment(service.db, call.params.id, caller);
  if (!row) throw new AppError('payment_not_found');
  const viewer = viewerOf(row, caller);
  return { ...toPayment(row, viewer), timeline: await readTimeline(service.db, row, viewer) };
};
