import { subscribe } from '../../../broker/events/inbox.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { deleteUser } from '../persistence/delete-user.ts';
import type { ProfileService } from '../profile.ts';

/** Nothing of a user stays here, whether the user or an administrator closed the account. */
const onUserChanged = subscribe(
  auth.events.userChanged,
  async (_service: ProfileService, { payload: { id, status }, tx }) => {
    if (status === 'deleted') await deleteUser(tx, id);
  },
);

export const authSubscribers = [onUserChanged];
