import { AppError } from '../../../broker/calls/errors.ts';
import type { Handler } from '../../../broker/calls/implement.ts';
import type { payments } from '../../../shared/contracts/payments.ts';
import type { PaymentsService } from '../payments.ts';
import { readInspection, toRecords } from '../persistence/inspection.ts';

export const records: Handler<PaymentsService, typeof payments.actions.records> = async ({ db }, call) => {
  const found = await readInspection(db, call.params.id);
  if (!found) throw new AppError('payment_not_found');
  return toRecords(found);
};
