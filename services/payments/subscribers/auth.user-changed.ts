import type { EventDelivery } from '../../../broker/events/inbox.ts';
import type { auth } from '../../../shared/contracts/auth/auth.ts';
import type { PaymentsService } from '../payments.ts';
import { saveParty } from '../persistence/parties.ts';

export const onUserChanged = async (
  _service: PaymentsService,
  { payload, tx }: EventDelivery<typeof auth.events.userChanged>,
): Promise<void> => saveParty(tx, payload);
