import { AppError } from '../../../broker/calls/errors.ts';
import type { Revocations, Verdict } from '../../../broker/calls/revocations.ts';
import type { Access } from './tokens.ts';

const refuse = (verdict: Verdict): void => {
  if (verdict !== null) throw new AppError(verdict);
};

/**
 * Refuses a token whose session, rights or signing key were revoked after it was signed. Returns null when
 * the list of revocations is current, so that the request does not wait a turn of the event loop; else a
 * promise.
 * @throws AppError `session_ended`, or `token_expired` where the client can refresh the token
 */
export const refuseRevoked = (access: Access, revocations: Revocations): Promise<void> | null => {
  const verdict = revocations.verdict({ ...access.caller, version: access.version, keyId: access.keyId });
  if (verdict instanceof Promise) return verdict.then(refuse);
  refuse(verdict);
  return null;
};
