import { AppError } from '../../../broker/calls/errors.ts';
import type { Transaction } from '../../../broker/postgres/database.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import type { LockoutId } from '../../../shared/contracts/ids.ts';
import {
  isForgottenBySuccess,
  judgeAttempt,
  scopesOf,
  type Attempting,
  type Failures,
  type Scope,
} from '../domain/lockouts/lockout.ts';
import {
  clearFailures,
  lockFailures,
  takeBackFailure,
  writeFailures,
} from '../persistence/lockouts/sign-in-failures.ts';
import { findUserByEmail } from '../persistence/accounts/users.ts';
import type { AuthService } from '../auth.ts';
import { makeKeyedQueue, type KeyedQueue } from './keyed-queue.ts';

/** An attempt that was counted as a failure in one scope, before its password is looked at. */
type Counted = Scope & { id: LockoutId; at: Date; before: Date; count: Failures };
export type Attempt = readonly Counted[];

/**
 * Attempts that a process makes at the same time for one account or device (`narrow`), and from one address
 * (`wide`); the others wait their turn. While an attempt runs it counts as a failure, so that many more at
 * once would lock the account of an owner who starts ten programs in the same moment.
 */
export type AttemptQueues = Record<'narrow' | 'wide', KeyedQueue>;

/** 64 wait, as for passwords. */
export const makeAttemptQueues = (): AttemptQueues => ({
  narrow: makeKeyedQueue(2, 64),
  wide: makeKeyedQueue(16, 64),
});

/** Counts an attempt in all its scopes, or in none where one is locked. */
const count = (service: AuthService, scopes: readonly Scope[]): Promise<Attempt> =>
  service.db.transaction(async (tx) => {
    const known = await lockFailures(tx, scopes, service.clock.now());
    // Others may have been waited for.
    const at = service.clock.now();
    const counted = known.map(({ id, kind, subject, ...failures }): Counted => {
      const judged = judgeAttempt(kind, failures, at);
      if (judged.verdict === 'refused') {
        throw new AppError('sign_in_locked', { retryAfterS: judged.retryAfterS });
      }
      return { id, kind, subject, at, before: failures.lastFailureAt, count: judged.count };
    });
    await writeFailures(
      tx,
      counted.map(({ id, count: made }) => ({ id, ...made })),
    );
    return counted;
  });

/** Takes an attempt back that has failed for no fault of who made it. */
const takeBack = (service: AuthService, attempt: Attempt): Promise<void> =>
  service.db.transaction(async (tx) => {
    for (const counted of attempt) await takeBackFailure(tx, counted);
  });

/** Belongs to the transaction in which an attempt succeeds. */
export const forgive = async (tx: Transaction, attempt: Attempt): Promise<void> => {
  for (const counted of attempt) {
    if (isForgottenBySuccess(counted.kind)) await clearFailures(tx, counted.id);
    else await takeBackFailure(tx, counted);
  }
};

/** Tells of the lockouts that a wrong password has begun or made longer. */
const recordFailure = async (
  service: AuthService,
  attempt: Attempt,
  address: string | null,
): Promise<void> => {
  const locked = attempt.filter(({ kind, count: { lockedUntil } }) => kind !== 'device' && lockedUntil);
  if (locked.length === 0) return;
  await service.db.transaction(async (tx) => {
    for (const { kind, subject, count: made } of locked) {
      await service.outbox.add(tx, auth.events.signInLocked, {
        kind: kind as 'account' | 'address',
        subject,
        userId: kind === 'account' ? ((await findUserByEmail(tx, subject))?.id ?? null) : null,
        address,
        failures: made.failures,
        until: (made.lockedUntil as Date).toISOString(),
        at: made.lastFailureAt.toISOString(),
      });
    }
  });
};

/** Whether an attempt failed by its password; a full queue or a lost database is nobody's guess. */
const isGuess = (error: unknown): boolean => error instanceof AppError && error.code === 'wrong_credentials';

/**
 * Makes one attempt to sign in, unless one of its scopes is locked. It is counted before `attempt` runs, so
 * that of many guesses at once no more are looked at than may fail.
 * @param attempt has to `forgive` where it succeeds; `wrong_credentials` leaves it counted, any other error
 *   takes it back
 * @throws AppError `sign_in_locked` with the seconds that are left
 */
export const attemptAs = <T>(
  service: AuthService,
  who: Attempting,
  attempt: (counted: Attempt) => Promise<T>,
): Promise<T> => {
  if (service.config.lockoutOff) return attempt([]);
  const scopes = scopesOf(who);
  const run = async (): Promise<T> => {
    const counted = await count(service, scopes);
    try {
      return await attempt(counted);
    } catch (error) {
      if (isGuess(error)) await recordFailure(service, counted, who.address);
      else {
        await takeBack(service, counted).catch((lost: unknown) => {
          // It stays counted, for a day at most; what went wrong first is what its caller is told.
          service.log.warn({ err: lost }, 'an attempt to sign in was not taken back');
        });
      }
      throw error;
    }
  };
  return scopes.reduceRight<() => Promise<T>>((next, { kind, subject }) => {
    const queue = service.state.attempts[kind === 'address' ? 'wide' : 'narrow'];
    return () => queue(`${kind} ${subject}`, next);
  }, run)();
};
