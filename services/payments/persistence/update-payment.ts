import { AppError } from '../../../broker/calls/errors.ts';
import type { Database, Transaction } from '../../../broker/postgres/database.ts';
import type { PaymentId, UserId } from '../../../shared/contracts/ids.ts';
import { JOIN_PARTIES, WITH_PARTIES, type PaymentWithParties } from './payments.ts';

/**
 * Changes a payment for its payer: transaction, permission and row lock in one.
 * @param change runs in the transaction, on the locked row; an error that it throws rolls everything back
 * @throws AppError `payment_not_found` unless the caller is the payer
 */
export const updatePayment = <T>(
  db: Database,
  id: PaymentId,
  callerId: UserId,
  change: (payment: PaymentWithParties, tx: Transaction) => Promise<T>,
): Promise<T> =>
  db.transaction(async (tx) => {
    const [payment] = await tx.query<PaymentWithParties>(
      `select ${WITH_PARTIES} from payments p ${JOIN_PARTIES}
       where p.id = $1 and p.payer_id = $2 for no key update of p`,
      [id, callerId],
    );
    if (!payment) throw new AppError('payment_not_found');
    return change(payment, tx);
  });
