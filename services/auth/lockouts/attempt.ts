import { AppError } from '../../../broker/errors.ts';
import type { Transaction } from '../../../broker/postgres/database.ts';
import { auth } from '../../../shared/contracts/auth.ts';
import type { LockoutId } from '../../../shared/contracts/ids.ts';
import {
  isForgottenBySuccess,
  judgeAttempt,
  scopesOf,
  type Attempting,
  type Failures,
  type Scope,
} from '../domain/lockout.ts';
import {
  forgetFailures,
  lockFailures,
  takeBackFailure,
  writeFailures,
} from '../persistence/sign-in-failures.ts';
import { findUserByEmail } from '../persistence/users.ts';
import type { AuthRoom } from '../room.ts';
import { makeLines, type Lines } from './lines.ts';

/** An attempt that was counted as a failure in one scope, before its password is looked at. */
type Counted = Scope & { id: LockoutId; at: Date; before: Date; count: Failures };
export type Attempt = readonly Counted[];

/**
 * Attempts that a process makes at the same time for one account or device (`narrow`), and from one address
 * (`wide`); the others wait their turn. While an attempt runs it counts as a failure, so that many more at
 * once would lock the account of an owner who starts ten programs in the same moment.
 */
export type AttemptLines = Record<'narrow' | 'wide', Lines>;

/** 64 wait, as for passwords. */
export const makeAttemptLines = (): AttemptLines => ({ narrow: makeLines(2, 64), wide: makeLines(16, 64) });

/** Counts an attempt in all its scopes, or in none where one is locked. */
const count = (room: AuthRoom, scopes: readonly Scope[]): Promise<Attempt> =>
  room.db.transaction(async (tx) => {
    const known = await lockFailures(tx, scopes, room.clock.now());
    // Others may have been waited for.
    const at = room.clock.now();
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
const takeBack = (room: AuthRoom, attempt: Attempt): Promise<void> =>
  room.db.transaction(async (tx) => {
    for (const counted of attempt) await takeBackFailure(tx, counted);
  });

/** Belongs to the transaction in which an attempt succeeds. */
export const forgive = async (tx: Transaction, attempt: Attempt): Promise<void> => {
  for (const counted of attempt) {
    if (isForgottenBySuccess(counted.kind)) await forgetFailures(tx, counted.id);
    else await takeBackFailure(tx, counted);
  }
};

/** Tells of the lockouts that a wrong password has begun or made longer. */
const recordFailure = async (room: AuthRoom, attempt: Attempt, address: string | null): Promise<void> => {
  const locked = attempt.filter(({ kind, count: { lockedUntil } }) => kind !== 'device' && lockedUntil);
  if (locked.length === 0) return;
  await room.db.transaction(async (tx) => {
    for (const { kind, subject, count: made } of locked) {
      await room.outbox.add(tx, auth.facts.signInLocked, {
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
  room: AuthRoom,
  who: Attempting,
  attempt: (counted: Attempt) => Promise<T>,
): Promise<T> => {
  if (room.config.lockoutOff) return attempt([]);
  const scopes = scopesOf(who);
  const run = async (): Promise<T> => {
    const counted = await count(room, scopes);
    try {
      return await attempt(counted);
    } catch (error) {
      if (isGuess(error)) await recordFailure(room, counted, who.address);
      else {
        await takeBack(room, counted).catch((lost: unknown) => {
          // It stays counted, for a day at most; what went wrong first is what its caller is told.
          room.log.warn({ err: lost }, 'an attempt to sign in was not taken back');
        });
      }
      throw error;
    }
  };
  return scopes.reduceRight<() => Promise<T>>((next, { kind, subject }) => {
    const lines = room.state.attempts[kind === 'address' ? 'wide' : 'narrow'];
    return () => lines(`${kind} ${subject}`, next);
  }, run)();
};
