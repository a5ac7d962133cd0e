import { auth } from '../../../shared/contracts/auth.ts';
import { recordUserChange } from '../accounts/create-account.ts';
import { decideAbout } from '../accounts/decide.ts';
import { viewOf } from '../accounts/view.ts';
import { setUserStatus } from '../persistence/users.ts';
import type { AuthAction } from '../room.ts';

export const restore: AuthAction<'restore'> = async (room, call) => {
  const user = await decideAbout(room, call, false, async (tx, known, decision) => {
    if (known.status === 'active') return known;
    const { id } = known;
    const restored = await setUserStatus(tx, { id, status: 'active', at: new Date(decision.at) });
    await room.outbox.add(tx, auth.facts.userRestored, { userId: id, ...decision });
    await recordUserChange(room, tx, restored);
    return restored;
  });
  return viewOf(user);
};
