import { AppError } from '../../../broker/calls/errors.ts';
import type { Handler } from '../../../broker/calls/implement.ts';
import type { payments } from '../../../shared/contracts/payments.ts';
import type { PaymentsService } from '../payments.ts';
import { readTimeline, toPayment } from '../persistence/payments.ts';
import { readInspection, toRecords } from '../persistence/inspection.ts';

export const inspect: Handler<PaymentsService, typeof payments.actions.inspect> = async (service, call) => {
  const found = await readInspection(service.db, call.params.id);
  if (!found) throw new AppError('payment_not_found');
  const { payment, idempotencyKey, unpublished } = found;
  return {
    ...toPayment(payment, payment.payer_id),
    timeline: await readTimeline(service.db, payment, payment.payer_id),
    ...toRecords(found),
    idempotencyKey,
    unpublished,
  };
};
