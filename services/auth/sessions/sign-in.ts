import { AppError, isAppError } from '../../../broker/calls/errors.ts';
import type { Transaction } from '../../../broker/postgres/database.ts';
import type { Service } from '../../../broker/process/service.ts';
import type { Tokens } from '../../../shared/contracts/auth/sessions.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { needsRenewal, type PasswordHashing } from '../accounts/password-hashing.ts';
import { recognizeDevice, registerDevice, type KnownDevice } from '../devices/known-devices.ts';
import { scopesOf } from '../domain/lockouts/lockout.ts';
import { judgeSignIn } from '../domain/sessions/sign-in.ts';
import type { AttemptPassword, PasswordAttempt } from '../lockouts/password-attempt.ts';
import {
  findUserByEmail,
  findUserById,
  lockUserShared,
  renewPasswordHash,
  type UserRow,
} from '../persistence/accounts/users.ts';
import { countSignIn } from '../metrics.ts';
import type { KnownDeviceKind } from '../persistence/devices/known-devices.ts';
import { hasSessionFrom } from '../persistence/sessions/sessions.ts';
import { originOf, type Source } from './session-origin.ts';
import { startSession, tokensFor, type StartedSession, type TokenService } from './start-session.ts';

type SignInService = Pick<Service, 'db' | 'clock' | 'outbox'> &
  TokenService & { state: { attemptPassword: AttemptPassword; hashPassword: PasswordHashing['hash'] } };
export type SignedIn = { user: UserRow; tokens: Tokens };
type WithDevice = Tokens & { deviceToken: string };
type Credentials = { email: string; password: string; source: Source };

type SignInKind = {
  kind: KnownDeviceKind;
  device: KnownDevice | null;
  /** Whether the user has signed in from this device before. */
  isKnown: (tx: Transaction, userId: UserId) => Promise<boolean>;
};
type Accepted = { user: UserRow; session: StartedSession; deviceToken: string };

const accept = (user: UserRow | null, passwordMatches: boolean): UserRow => {
  const verdict = judgeSignIn(user, passwordMatches);
  if (verdict !== 'accepted') throw new AppError(verdict);
  return user as UserRow;
};

/**
 * The stored hash of a user whose password was right just now, after one of bcrypt was replaced. Of several
 * sign-ins at the same time, one replaces it, and the others check the password again.
 */
const renewedHash = async (
  service: SignInService,
  { id, passwordHash: currentHash }: UserRow,
  password: string,
  attempt: PasswordAttempt,
): Promise<string> => {
  if (!needsRenewal(currentHash)) return currentHash;
  const newHash = await service.state.hashPassword(password);
  if (await renewPasswordHash(service.db, { id, currentHash, newHash })) return newHash;
  const user = await findUserById(service.db, id);
  const { passwordHash } = accept(user, await attempt.matches(user?.passwordHash ?? null, password));
  return passwordHash;
};

/** Checks the password and starts a session. An unknown e-mail takes the same time as a wrong password. */
const checkAndStart =
  (service: SignInService, { email, password, source }: Credentials, { kind, device, isKnown }: SignInKind) =>
  async (attempt: PasswordAttempt): Promise<Accepted> => {
    const found = await findUserByEmail(service.db, email);
    const passwordMatches = await attempt.matches(found?.passwordHash ?? null, password);
    const accepted = accept(found, passwordMatches);
    const { id } = accepted;
    const passwordHash = await renewedHash(service, accepted, password, attempt);
    return service.db.transaction(async (tx) => {
      // Checked again: the user may have been suspended, or the password changed, during the hashing.
      const locked = await lockUserShared(tx, id);
      const user = accept(locked, locked?.passwordHash === passwordHash);
      await attempt.recordSuccess(tx);
      const knownDevice = await isKnown(tx, id);
      const registered = await registerDevice(service, tx, { userId: id, device, kind });
      const session = await startSession(service, tx, {
        userId: id,
        origin: originOf(source),
        method: 'password',
        knownDevice,
        device: registered,
      });
      return { user, session, deviceToken: registered.token };
    });
  };

const signIn = async (
  service: SignInService,
  credentials: Credentials,
  kind: SignInKind,
): Promise<{ user: UserRow; tokens: WithDevice }> => {
  const { email, source } = credentials;
  const { address } = source;
  const scopes = scopesOf({ email, address, device: kind.device?.hash.toString('hex') ?? null });
  const run = checkAndStart(service, credentials, kind);
  const attempt = service.state.attemptPassword({ scopes, address }, run);
  attempt.then(
    () => countSignIn(kind.kind, 'ok'),
    (error: unknown) => countSignIn(kind.kind, isAppError(error) ? error.code : 'internal'),
  );
  const { user, session, deviceToken } = await attempt;
  return { user, tokens: { ...(await tokensFor(service, user, session)), deviceToken } };
};

/**
 * Signs in an API client and registers it as a known device of the account. Without a device token it counts
 * as known if the user has a session from the same origin.
 */
export const signInProgram = async (
  service: SignInService,
  credentials: Credentials,
  deviceToken: string | undefined,
): Promise<WithDevice> => {
  const origin = originOf(credentials.source);
  const device = await recognizeDevice(service, credentials.email, deviceToken);
  const { tokens } = await signIn(service, credentials, {
    kind: 'program',
    device,
    isKnown: async (tx, userId) => device !== null || (await hasSessionFrom(tx, userId, origin)),
  });
  return tokens;
};

/** Signs in a browser and registers it as a known device of the account. */
export const signInBrowser = async (
  service: SignInService,
  credentials: Credentials,
  deviceToken: string | undefined,
): Promise<{ user: UserRow; tokens: WithDevice }> => {
  const device = await recognizeDevice(service, credentials.email, deviceToken);
  return signIn(service, credentials, { kind: 'browser', device, isKnown: async () => device !== null });
};
