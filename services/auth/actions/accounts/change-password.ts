import type { Caller } from '../../../../broker/calls/envelope.ts';
import { AppError } from '../../../../broker/calls/errors.ts';
import { callerOf } from '../../../../broker/calls/implement.ts';
import { auth } from '../../../../shared/contracts/auth/auth.ts';
import { ERRORS } from '../../../../shared/contracts/errors.ts';
import { recordUserChange } from '../../accounts/create-account.ts';
import type { Poc2Hashes } from '../../accounts/poc2-hashes.ts';
import type { AuthAction, AuthService } from '../../auth.ts';
import { scopesOfSession } from '../../domain/lockouts/lockout.ts';
import type { PasswordAttempt } from '../../lockouts/password-attempt.ts';
import { findUserById, replacePasswordHash } from '../../persistence/accounts/users.ts';
import { isSessionLive, type EndedSession } from '../../persistence/sessions/sessions.ts';
import { endOthers, signalEnded } from '../../sessions/revoke-session.ts';

const fieldError = (code: 'wrong_password' | 'password_unchanged', path: string): AppError =>
  new AppError(code, { errors: [{ path, message: ERRORS[code][1], code }] });

type Change = {
  caller: Caller;
  attempt: PasswordAttempt;
  currentHash: string;
  newHash: string;
  keepForPoc2: Awaited<ReturnType<Poc2Hashes['prepare']>>;
};

const replace = (
  service: AuthService,
  { caller, attempt, currentHash, newHash, keepForPoc2 }: Change,
): Promise<EndedSession[]> =>
  service.db.transaction(async (tx) => {
    const at = service.clock.now();
    const { userId } = caller;
    const user = await replacePasswordHash(tx, { userId, currentHash, newHash, at });
    // A concurrent request changed the password after this one had verified it.
    if (!user) throw fieldError('wrong_password', 'currentPassword');
    await keepForPoc2(tx, userId);
    await attempt.recordSuccess(tx);
    await recordUserChange(service, tx, user);
    await service.outbox.add(tx, auth.events.passwordChanged, { userId, at: at.toISOString() });
    return endOthers(service, tx, caller, 'password_changed');
  });

export const changePassword: AuthAction<'changePassword'> = async (service, call) => {
  const caller = callerOf(call);
  const { currentPassword, newPassword } = call.params;
  const { attemptPassword, hashPassword, poc2Hashes } = service.state;
  const user = await findUserById(service.db, caller.userId);
  const isLive = await isSessionLive(service.db, caller.sessionId, service.clock.now());
  if (user?.status !== 'active' || !isLive) throw new AppError('session_ended');
  const currentHash = user.passwordHash;
  const about = { scopes: scopesOfSession(caller.sessionId), address: call.address };
  const ended = await attemptPassword(about, async (attempt) => {
    if (!(await attempt.matches(currentHash, currentPassword))) {
      throw fieldError('wrong_password', 'currentPassword');
    }
    if (await attempt.matches(currentHash, newPassword)) {
      throw fieldError('password_unchanged', 'newPassword');
    }
    const newHash = await hashPassword(newPassword);
    const keepForPoc2 = await poc2Hashes.prepare(newPassword);
    return replace(service, { caller, attempt, currentHash, newHash, keepForPoc2 });
  });
  await signalEnded(service, ended);
  return {};
};
