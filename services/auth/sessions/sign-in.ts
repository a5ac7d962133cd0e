import { AppError } from '../../../broker/calls/errors.ts';
import type { Transaction } from '../../../broker/postgres/database.ts';
import type { Tokens } from '../../../shared/contracts/auth/fields.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { knownDevice, rememberDevice, type KnownDevice } from '../devices/known-devices.ts';
import { judgeSignIn } from '../domain/sessions/sign-in.ts';
import { attemptAs, forgive, type Attempt } from '../lockouts/attempt.ts';
import { isSignedInAt } from '../persistence/sessions/sessions.ts';
import { findUserByEmail, holdUser, type UserRow } from '../persistence/accounts/users.ts';
import type { AuthService } from '../auth.ts';
import { placeOf, type Source } from './session-origin.ts';
import { startSession, tokensFor, type StartedSession } from './start-session.ts';

export type SignedIn = { user: UserRow; tokens: Tokens };

/** Who wants to sign in: what they know, and where they are. */
export type Credentials = { email: string; password: string; source: Source };

type Also<T> = (tx: Transaction, userId: UserId) => Promise<T>;
/** Who signs in, and how that place is known to be theirs. */
type SigningIn<T> = { device: KnownDevice | null; isKnown: Also<boolean>; also: Also<T> };
type Admitted<T> = { user: UserRow; session: StartedSession; also: T };

const admit = (user: UserRow | null, passwordRight: boolean): UserRow => {
  const verdict = judgeSignIn(user, passwordRight);
  if (verdict !== 'welcome') throw new AppError(verdict);
  return user as UserRow;
};

/** One attempt; an unknown e-mail costs the same time as a wrong password. */
const attemptWith =
  <T>(service: AuthService, { email, password, source }: Credentials, { isKnown, also }: SigningIn<T>) =>
  async (attempt: Attempt): Promise<Admitted<T>> => {
    const found = await findUserByEmail(service.db, email);
    const passwordRight = await service.state.passwords.verify(found?.passwordHash ?? null, password);
    const { id, passwordHash } = admit(found, passwordRight);
    return service.db.transaction(async (tx) => {
      // The user may have been suspended or have changed the password while this one was being checked.
      const held = await holdUser(tx, id);
      const user = admit(held, held?.passwordHash === passwordHash);
      await forgive(tx, attempt);
      const opened = {
        userId: id,
        place: placeOf(source),
        method: 'password',
        knownDevice: await isKnown(tx, id),
      } as const;
      return { user, session: await startSession(service, tx, opened), also: await also(tx, id) };
    });
  };

/** Checks e-mail and password, and starts a session; `also` belongs to its transaction. */
const signIn = async <T>(
  service: AuthService,
  credentials: Credentials,
  signing: SigningIn<T>,
): Promise<SignedIn & { also: T }> => {
  const { email, source } = credentials;
  const who = { email, address: source.address, device: signing.device?.hash.toString('hex') ?? null };
  const made = await attemptAs(service, who, attemptWith(service, credentials, signing));
  return { user: made.user, tokens: await tokensFor(service, made.user, made.session), also: made.also };
};

/** Signs in a program, which keeps its tokens itself; one that is signed in from there already is known. */
export const signInProgram = async (service: AuthService, credentials: Credentials): Promise<Tokens> => {
  const place = placeOf(credentials.source);
  const isKnown: Also<boolean> = (tx, userId) => isSignedInAt(tx, userId, place);
  return (await signIn(service, credentials, { device: null, isKnown, also: async () => undefined })).tokens;
};

/** Signs in a browser, which is known for this account from then on. */
export const signInBrowser = async (
  service: AuthService,
  credentials: Credentials,
  deviceToken: string | undefined,
): Promise<{ user: UserRow; tokens: Tokens & { deviceToken: string } }> => {
  const known = await knownDevice(service, credentials.email, deviceToken);
  const { user, tokens, also } = await signIn(service, credentials, {
    device: known,
    isKnown: async () => known !== null,
    also: (tx, userId) => rememberDevice(service, tx, userId, known),
  });
  return { user, tokens: { ...tokens, deviceToken: also } };
};
