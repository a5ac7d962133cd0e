import type { Heard } from '../../../broker/events/inbox.ts';
import type { auth } from '../../../shared/contracts/auth.ts';
import type { PaymentsRoom } from '../payments-room.ts';
import { saveParty } from '../persistence/parties.ts';

export const onUserChanged = async (
  _room: PaymentsRoom,
  { payload, tx }: Heard<typeof auth.facts.userChanged>,
): Promise<void> => saveParty(tx, payload);
