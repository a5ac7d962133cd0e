import { AppError } from '../../../../broker/calls/errors.ts';
import { auth } from '../../../../shared/contracts/auth/auth.ts';
import type { SuspensionOutcome } from '../../../../shared/contracts/auth/users.ts';
import { decide } from '../../accounts/admin-decision.ts';
import { mustWait } from '../../accounts/approvals.ts';
import { askedSuspension } from '../../accounts/asked-acts.ts';
import { suspendListed } from '../../accounts/suspension.ts';
import type { AuthAction } from '../../auth.ts';
import { signalEnded } from '../../sessions/revoke-session.ts';

const RULE = { about: null, takesRights: false } as const;

/** A preview shows who can be suspended: it is a read, and is recorded as one. */
const recordPreview: (...given: Parameters<AuthAction<'suspendUsers'>>) => Promise<void> = (
  { db, outbox, clock },
  { params: { ids } },
) => {
  const { name: action } = auth.actions.suspendUsers;
  const read = { action, id: null, query: { ids, preview: true }, at: clock.iso() };
  return db.transaction((tx) => outbox.add(tx, auth.events.administratorRead, read));
};

/** Each user is a decision of its own, so that a refusal of one leaves the others suspended. */
export const suspendUsers: AuthAction<'suspendUsers'> = async (service, call) => {
  const { ids, preview } = call.params;
  const items: SuspensionOutcome[] = [];
  if (!preview) {
    const waits = await decide(service, call, RULE, (tx, decision) =>
      mustWait(service, tx, askedSuspension(ids), decision),
    );
    if (waits) throw new AppError('approval_needed');
  }
  for (const id of ids) {
    const { item, ended } = await decide(service, call, RULE, (tx, decision) =>
      suspendListed(service, tx, { id, preview }, decision),
    );
    await signalEnded(service, ended);
    items.push(item);
  }
  if (preview) await recordPreview(service, call);
  return { items };
};
