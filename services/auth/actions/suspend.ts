import { auth } from '../../../shared/contracts/auth.ts';
import { recordUserChange } from '../accounts/create-account.ts';
import { decideAbout } from '../accounts/decide.ts';
import { viewOf } from '../accounts/view.ts';
import { setUserStatus } from '../persistence/users.ts';
import type { AuthAction } from '../room.ts';
import { announceEnded, endAll } from '../sessions/end-sessions.ts';

export const suspend: AuthAction<'suspend'> = async (room, call) => {
  const { user, ended } = await decideAbout(room, call, true, async (tx, known, decision) => {
    if (known.status === 'suspended') return { user: known, ended: [] };
    const { id } = known;
    const user = await setUserStatus(tx, { id, status: 'suspended', at: new Date(decision.at) });
    await room.outbox.add(tx, auth.facts.userSuspended, { userId: id, ...decision });
    await recordUserChange(room, tx, user);
    return { user, ended: await endAll(room, tx, id, 'suspended') };
  });
  await announceEnded(room, ended);
  return viewOf(user);
};
