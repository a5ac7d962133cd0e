import { AppError } from '../../../broker/calls/errors.ts';
import { callerOf, type Handler } from '../../../broker/calls/implement.ts';
import { itemsOf } from '../../../broker/postgres/items.ts';
import type { Plannable } from '../../../broker/postgres/database.ts';
import type { payments } from '../../../shared/contracts/payments.ts';
import type { PaymentsService } from '../payments.ts';
import { listPayments } from '../persistence/list-payments.ts';
import { toPayment, viewerOf } from '../persistence/payments.ts';

export const list: Handler<PaymentsService, typeof payments.actions.list> = async (service, call) => {
  const caller = callerOf(call);
  const { person, ...filters } = call.params;
  const isAdmin = caller.role === 'ADMIN';
  if (!isAdmin && person !== undefined && person !== caller.userId) throw new AppError('forbidden');
  const whose = isAdmin ? (person ?? null) : caller.userId;
  const read = (db: Plannable) => listPayments(db, whose, filters);
  const isSearch = filters.q !== undefined;
  const { rows, nextCursor } = await (isSearch ? service.state.searches(read) : read(service.db));
  return { items: itemsOf(rows, (row) => toPayment(row, viewerOf(row, caller))), nextCursor };
};
