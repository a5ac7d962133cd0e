import { decide } from '../../accounts/admin-decision.ts';
import { mustWait } from '../../accounts/approvals.ts';
import { askedChange } from '../../accounts/asked-acts.ts';
import type { AuthAction } from '../../auth.ts';

export const requestSettingChange: AuthAction<'requestSettingChange'> = async (service, call) => {
  const { reason: _reason, ...setting } = call.params;
  const waits = await decide(service, call, { about: null, takesRights: false }, (tx, decision) =>
    mustWait(service, tx, askedChange(setting), decision),
  );
  return { waits };
};
