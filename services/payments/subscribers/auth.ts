import type { Copy } from '../../../broker/copies/copy.ts';
import { subscribe } from '../../../broker/events/inbox.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import type { PaymentsService } from '../payments.ts';
import { saveParty } from '../persistence/parties.ts';

export const onUserChanged = subscribe<PaymentsService, typeof auth.events.userChanged>(
  auth.events.userChanged,
  async (_service, { payload, tx }) => saveParty(tx, payload),
);

/** This service's copy of the users of auth. */
export const userCopy: Copy = {
  source: auth.actions.userCopies,
  table: 'parties',
  columns: ['email', 'name', 'role', 'status'],
  save: saveParty,
};
