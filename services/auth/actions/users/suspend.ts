import { administer } from '../../accounts/admin-decision.ts';
import { suspendUser } from '../../accounts/suspension.ts';
import type { AuthAction } from '../../auth.ts';

export const suspend: AuthAction<'suspend'> = (service, call) =>
  administer(service, call, { takesRights: true }, (tx, user, decision) =>
    suspendUser(service, tx, user, decision),
  );
