import { callerOf, type Handler } from '../../../broker/calls/implement.ts';
import type { payments } from '../../../shared/contracts/payments.ts';
import { currenciesOf, periodsOf, withoutReasons } from '../domain/report.ts';
import type { PaymentsService } from '../payments.ts';
import { readFailures, readPeriods, readSums } from '../persistence/read-report.ts';
import { scopeOf } from '../reports/scope.ts';

export const report: Handler<PaymentsService, typeof payments.actions.report> = ({ state }, call) => {
  const caller = callerOf(call);
  const scope = scopeOf(caller, call.params);
  return state.searches(async (db) => {
    const periods = await readPeriods(db, call.params);
    const rows = await readSums(db, scope, periods);
    const currencies = currenciesOf(rows, scope.status === undefined);
    const mayKnowWhy = caller.role === 'ADMIN' && (scope.status ?? 'failed') === 'failed';
    return {
      fromAt: periods.at(0)?.startsAt.toISOString() ?? '',
      toAt: periods.at(-1)?.endsAt.toISOString() ?? '',
      currencies,
      periods: periodsOf(
        periods.map(({ day }) => day),
        rows,
      ),
      failures: mayKnowWhy ? await readFailures(db, scope, periods) : withoutReasons(currencies),
    };
  });
};
