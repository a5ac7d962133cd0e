import { callerOf, type Handler } from '../../../broker/calls/implement.ts';
import type { payments } from '../../../shared/contracts/payments.ts';
import type { PaymentsService } from '../payments.ts';
import { readRecentPayees } from '../persistence/recent-payees.ts';

export const recentPayees: Handler<PaymentsService, typeof payments.actions.recentPayees> = (service, call) =>
  readRecentPayees(service.db, callerOf(call).userId);
