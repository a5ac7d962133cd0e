import { callerOf, type Handler } from '../../../broker/implement.ts';
import type { payments } from '../../../shared/contracts/payments.ts';
import type { PaymentsRoom } from '../payments-room.ts';
import { searchPayees } from '../persistence/parties.ts';

export const payees: Handler<PaymentsRoom, typeof payments.actions.payees> = async (room, call) => ({
  items: await searchPayees(room.db, call.params.q, callerOf(call).userId),
});
