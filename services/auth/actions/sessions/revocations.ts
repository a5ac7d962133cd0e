import { ACCESS_TOKEN } from '../../../../shared/contracts/auth/signing.ts';
import type { AuthAction } from '../../auth.ts';
import { accessChangedSince } from '../../persistence/accounts/users.ts';
import { keysRevokedSince } from '../../persistence/signing/signing-keys.ts';
import { sessionsEndedSince } from '../../persistence/sessions/sessions.ts';

/** Covers the difference between the clocks of processes that verify access tokens. */
const CLOCK_MARGIN_MS = 30_000;

export const revocations: AuthAction<'revocations'> = async (service) => {
  const since = new Date(service.clock.nowMs() - ACCESS_TOKEN.lifetimeS * 1000 - CLOCK_MARGIN_MS);
  const [sessionIds, staleVersions, keyIds] = await Promise.all([
    sessionsEndedSince(service.db, since),
    accessChangedSince(service.db, since),
    keysRevokedSince(service.db, since),
  ]);
  return { sessionIds, staleVersions, keyIds };
};
