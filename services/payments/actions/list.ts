import { callerOf, type Handler } from '../../../broker/calls/implement.ts';
import type { payments } from '../../../shared/contracts/payments.ts';
import type { PaymentsService } from '../payments.ts';
import { listPayments } from '../persistence/list-payments.ts';
import { toPayment } from '../persistence/payments.ts';

export const list: Handler<PaymentsService, typeof payments.actions.list> = async (service, call) => {
  const { userId } = callerOf(call);
  const { rows, nextCursor } = await listPayments(service.db, userId, call.params);
  return { items: rows.map((row) => toPayment(row, userId)), nextCursor };
};
