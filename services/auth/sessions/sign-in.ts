import { AppError } from '../../../broker/errors.ts';
import type { Tokens } from '../../../shared/contracts/auth-fields.ts';
import { judgeSignIn } from '../domain/sign-in.ts';
import { findUserByEmail, holdUser, type UserRow } from '../persistence/users.ts';
import type { AuthRoom } from '../room.ts';
import { startSession, tokensFor } from './start-session.ts';

export type SignedIn = { user: UserRow; tokens: Tokens };

const admit = (user: UserRow | null, passwordRight: boolean): UserRow => {
  const verdict = judgeSignIn(user, passwordRight);
  if (verdict !== 'welcome') throw new AppError(verdict);
  return user as UserRow;
};

/**
 * Checks e-mail and password, and starts a session; an unknown e-mail costs the same time as a wrong
 * password.
 */
export const signIn = async (
  room: AuthRoom,
  { email, password }: { email: string; password: string },
): Promise<SignedIn> => {
  const found = await findUserByEmail(room.db, email);
  const passwordRight = await room.state.passwords.verify(found?.passwordHash ?? null, password);
  const { id, passwordHash } = admit(found, passwordRight);
  const { user, session } = await room.db.transaction(async (tx) => {
    // The user may have been suspended or have changed the password while this one was being checked.
    const held = await holdUser(tx, id);
    const admitted = admit(held, held?.passwordHash === passwordHash);
    return { user: admitted, session: await startSession(room, tx, id) };
  });
  return { user, tokens: await tokensFor(room, user, session) };
};
