import { callerOf, type Handler } from '../../../broker/calls/implement.ts';
import type { payments } from '../../../shared/contracts/payments.ts';
import type { PaymentsService } from '../payments.ts';
import { readTimelines } from '../persistence/payments.ts';

export const timelines: Handler<PaymentsService, typeof payments.actions.timelines> = async (
  service,
  call,
) => ({
  items: await readTimelines(service.db, call.params.ids, callerOf(call)),
});
