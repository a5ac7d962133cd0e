import { callerOf, type Handler } from '../../../broker/calls/implement.ts';
import { itemsOf } from '../../../broker/postgres/items.ts';
import { offsetOf, totalOf } from '../../../broker/postgres/numbered-pages.ts';
import type { payments } from '../../../shared/contracts/payments.ts';
import type { PaymentsService } from '../payments.ts';
import { countPayments, listPayments } from '../persistence/list-payments.ts';
import { toPayment, viewerOf } from '../persistence/payments.ts';

export const listPage: Handler<PaymentsService, typeof payments.actions.listPage> = async ({ db }, call) => {
  const caller = callerOf(call);
  const { pageNumber, ...filters } = call.params;
  const whose = caller.role === 'ADMIN' ? null : caller.userId;
  const { rows, nextCursor } = await listPayments(db, whose, filters, offsetOf(call.params));
  const shown = { found: rows.length, isLast: nextCursor === null };
  const total = await totalOf({ pageNumber, limit: filters.limit }, shown, (max) =>
    countPayments(db, whose, filters, max),
  );
  return { items: itemsOf(rows, (row) => toPayment(row, viewerOf(row, caller))), ...total };
};
