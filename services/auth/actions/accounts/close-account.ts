import { AppError } from '../../../../broker/calls/errors.ts';
import { callerOf } from '../../../../broker/calls/implement.ts';
import { auth } from '../../../../shared/contracts/auth/auth.ts';
import { ERRORS } from '../../../../shared/contracts/errors.ts';
import { closeAccountOf } from '../../accounts/close-account.ts';
import { unknownPassword } from '../../accounts/password-link.ts';
import type { AuthAction } from '../../auth.ts';
import { scopesOfSession } from '../../domain/lockouts/lockout.ts';
import { activeAdmins, findUserById, lockDecisions, lockUser } from '../../persistence/accounts/users.ts';
import { isSessionLive } from '../../persistence/sessions/sessions.ts';
import { signalEnded } from '../../sessions/revoke-session.ts';

const wrongPassword = (): AppError =>
  new AppError('wrong_password', {
    errors: [{ path: 'password', message: ERRORS.wrong_password[1], code: 'wrong_password' }],
  });

export const closeAccount: AuthAction<'closeAccount'> = async (service, call) => {
  const { userId, sessionId } = callerOf(call);
  const { db, clock, outbox, state } = service;
  const found = await findUserById(db, userId);
  const isLive = await isSessionLive(db, sessionId, clock.now());
  if (found?.status !== 'active' || !isLive) throw new AppError('session_ended');
  const about = { scopes: scopesOfSession(sessionId), address: call.address };
  const ended = await state.attemptPassword(about, async (attempt) => {
    if (!(await attempt.matches(found.passwordHash, call.params.password))) throw wrongPassword();
    const passwordHash = await state.hashPassword(unknownPassword());
    return db.transaction(async (tx) => {
      // As decisions of administrators: two who leave at the same time leave one of them.
      await lockDecisions(tx);
      const user = await lockUser(tx, userId);
      if (user?.status !== 'active') throw new AppError('session_ended');
      // Another password was set after this one was checked.
      if (user.passwordHash !== found.passwordHash) throw wrongPassword();
      const admins = await activeAdmins(tx);
      if (admins.length === 1 && admins[0] === userId) throw new AppError('last_admin');
      await attempt.recordSuccess(tx);
      const at = clock.now();
      const closed = await closeAccountOf(service, tx, user, { passwordHash, at }, () =>
        outbox.add(tx, auth.events.accountClosed, { userId, at: at.toISOString() }),
      );
      return closed.ended;
    });
  });
  await signalEnded(service, ended);
  return {};
};
