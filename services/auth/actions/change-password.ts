import { recordUserChange } from '../accounts/create-account.ts';
import type { Caller } from '../../../broker/caller.ts';
import { AppError } from '../../../broker/errors.ts';
import { callerOf } from '../../../broker/implement.ts';
import { auth } from '../../../shared/contracts/auth.ts';
import { ERRORS } from '../../../shared/contracts/errors.ts';
import { isSessionLive, type EndedSession } from '../persistence/sessions.ts';
import { findUserById, replacePasswordHash } from '../persistence/users.ts';
import type { AuthAction, AuthRoom } from '../room.ts';
import { announceEnded, endOthers } from '../sessions/end-sessions.ts';

const fieldError = (code: 'wrong_password' | 'password_unchanged', path: string): AppError =>
  new AppError(code, { errors: [{ path, message: ERRORS[code][1], code }] });

const replace = (
  room: AuthRoom,
  caller: Caller,
  currentHash: string,
  newHash: string,
): Promise<EndedSession[]> =>
  room.db.transaction(async (tx) => {
    const at = room.clock.now();
    const { userId } = caller;
    const user = await replacePasswordHash(tx, { userId, currentHash, newHash, at });
    // Somebody changed it while the current one was being checked.
    if (!user) throw fieldError('wrong_password', 'currentPassword');
    await recordUserChange(room, tx, user);
    await room.outbox.add(tx, auth.facts.passwordChanged, { userId, at: at.toISOString() });
    return endOthers(room, tx, caller, 'password_changed');
  });

export const changePassword: AuthAction<'changePassword'> = async (room, call) => {
  const caller = callerOf(call);
  const { currentPassword, newPassword } = call.params;
  const { passwords } = room.state;
  const user = await findUserById(room.db, caller.userId);
  const isLive = await isSessionLive(room.db, caller.sessionId, room.clock.now());
  if (user?.status !== 'active' || !isLive) throw new AppError('session_ended');
  if (!(await passwords.verify(user.passwordHash, currentPassword))) {
    throw fieldError('wrong_password', 'currentPassword');
  }
  if (await passwords.verify(user.passwordHash, newPassword)) {
    throw fieldError('password_unchanged', 'newPassword');
  }
  const newHash = await passwords.hash(newPassword);
  await announceEnded(room, await replace(room, caller, user.passwordHash, newHash));
  return {};
};
