import { AppError } from '../../../broker/calls/errors.ts';
import type { Caller } from '../../../broker/calls/envelope.ts';
import type { ReportFilters } from '../../../shared/contracts/payments/reports.ts';
import type { ReportScope } from '../persistence/read-report.ts';

/**
 * What the caller may see: a vendor what they received, an administrator all.
 * @throws AppError `forbidden` for another payee than the vendor
 */
export const scopeOf = (
  { userId, role }: Caller,
  { payee, currency, status }: Pick<ReportFilters, 'payee' | 'currency' | 'status'>,
): ReportScope => {
  if (role !== 'ADMIN' && payee !== undefined && payee !== userId) throw new AppError('forbidden');
  return { payeeId: role === 'ADMIN' ? (payee ?? null) : userId, currency, status };
};
