import { callerOf, type Handler } from '../../../broker/calls/implement.ts';
import type { payments } from '../../../shared/contracts/payments.ts';
import type { PaymentsService } from '../payments.ts';
import { reportCsvPart } from '../reports/export.ts';
import { scopeOf } from '../reports/scope.ts';

export const exportReport: Handler<PaymentsService, typeof payments.actions.exportReport> = (
  { state },
  call,
) => {
  const scope = scopeOf(callerOf(call), call.params);
  return state.searches((db) => reportCsvPart(db, scope, call.params));
};
