import { callerOf, type Handler } from '../../../broker/implement.ts';
import type { payments } from '../../../shared/contracts/payments.ts';
import type { PaymentsRoom } from '../payments-room.ts';
import { listPayments } from '../persistence/list-payments.ts';
import { toPayment } from '../persistence/payments.ts';

export const list: Handler<PaymentsRoom, typeof payments.actions.list> = async (room, call) => {
  const { userId } = callerOf(call);
  const { rows, nextCursor } = await listPayments(room.db, userId, call.params);
  return { items: rows.map((row) => toPayment(row, userId)), nextCursor };
};
