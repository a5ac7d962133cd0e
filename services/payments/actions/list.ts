import { callerOf, type Handler } from '../../../broker/calls/implement.ts';
import { itemsOf } from '../../../broker/postgres/items.ts';
import type { Plannable } from '../../../broker/postgres/database.ts';
import type { payments } from '../../../shared/contracts/payments.ts';
import type { PaymentsService } from '../payments.ts';
import { listPayments } from '../persistence/list-payments.ts';
import { toPayment } from '../persistence/payments.ts';

export const list: Handler<PaymentsService, typeof payments.actions.list> = async (service, call) => {
  const { userId } = callerOf(call);
  const read = (db: Plannable) => listPayments(db, userId, call.params);
  const isSearch = call.params.q !== undefined;
  const { rows, nextCursor } = await (isSearch ? service.state.searches(read) : read(service.db));
  return { items: itemsOf(rows, (row) => toPayment(row, userId)), nextCursor };
};
