import { callerOf, type Handler } from '../../../broker/calls/implement.ts';
import type { payments } from '../../../shared/contracts/payments.ts';
import type { PaymentsService } from '../payments.ts';
import { searchPayees } from '../persistence/parties.ts';

export const payees: Handler<PaymentsService, typeof payments.actions.payees> = async (service, call) => ({
  items: await service.state.searches((db) => searchPayees(db, call.params.q, callerOf(call).userId)),
});
