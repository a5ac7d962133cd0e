import { isAppError } from '../../../../broker/calls/errors.ts';
import type { UserId } from '../../../../shared/contracts/ids.ts';
import { decideAbout } from '../../accounts/admin-decision.ts';
import { suspendUser } from '../../accounts/suspension.ts';
import type { AuthAction } from '../../auth.ts';
import type { EndedSession } from '../../persistence/sessions/sessions.ts';
import { signalEnded } from '../../sessions/revoke-session.ts';

type Suspended = Awaited<ReturnType<AuthAction<'suspendUsers'>>>['items'][number];

/** Each user is a decision of its own, so that a refusal of one leaves the others suspended. */
export const suspendUsers: AuthAction<'suspendUsers'> = async (service, call) => {
  const { ids, reason, preview } = call.params;

  const suspendOne = async (id: UserId): Promise<Suspended> => {
    let ended: readonly EndedSession[] = [];
    const about = { caller: call.caller, params: { id, reason } };
    const rule = { takesRights: true };
    const outcome = await decideAbout(service, about, rule, async (tx, user, decision) => {
      if (user.status === 'suspended') return 'unchanged';
      if (!preview) ended = (await suspendUser(service, tx, user, decision)).ended ?? [];
      return 'suspended';
    });
    await signalEnded(service, ended);
    return { id, outcome, code: null };
  };

  const items: Suspended[] = [];
  for (const id of ids) {
    try {
      items.push(await suspendOne(id));
    } catch (error) {
      if (!isAppError(error) || error.code === 'forbidden') throw error;
      items.push({ id, outcome: 'refused', code: error.code });
    }
  }
  return { items };
};
