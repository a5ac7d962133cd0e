import type { Handler } from '../../../broker/calls/implement.ts';
import { itemsOf } from '../../../broker/postgres/items.ts';
import type { payments } from '../../../shared/contracts/payments.ts';
import type { PaymentsService } from '../payments.ts';
import { listPayments } from '../persistence/list-payments.ts';
import { toPayment } from '../persistence/payments.ts';

/** Half a megabyte in one answer. */
const PAGE_SIZE = 500;

export const paymentsOf: Handler<PaymentsService, typeof payments.actions.paymentsOf> = async (
  { db },
  { params: { userId, cursor } },
) => {
  const filters = { limit: PAGE_SIZE, sort: 'createdAt', cursor } as const;
  const { rows, nextCursor } = await listPayments(db, userId, filters);
  return { items: itemsOf(rows, (row) => toPayment(row, userId)), nextCursor };
};
