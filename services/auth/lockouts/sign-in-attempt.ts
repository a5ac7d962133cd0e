import { AppError } from '../../../broker/calls/errors.ts';
import type { Transaction } from '../../../broker/postgres/database.ts';
import type { Service } from '../../../broker/process/service.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import type { LockoutId } from '../../../shared/contracts/ids.ts';
import type { AuthConfig } from '../config.ts';
import {
  isResetBySuccess,
  judgeAttempt,
  scopesOf,
  type AttemptOrigin,
  type Failures,
  type Scope,
} from '../domain/lockouts/lockout.ts';
import { findUserByEmail } from '../persistence/accounts/users.ts';
import {
  lockFailures,
  resetFailures,
  undoFailure,
  writeFailures,
} from '../persistence/lockouts/sign-in-failures.ts';
import { createKeyedQueue, type KeyedQueue } from '../queues/keyed-queue.ts';

/** An attempt that was counted as a failure of one scope before its password was checked. */
type Counted = Scope & { id: LockoutId; at: Date; before: Date; count: Failures };
export type CountedAttempt = readonly Counted[];

/**
 * Limits the attempts that this process makes at the same time per scope: `narrow` for an account or device,
 * `wide` for an address. An attempt in progress counts as a failure, so that more at the same time would lock
 * the account of an owner who starts ten programs at once.
 */
export type AttemptQueues = Record<'narrow' | 'wide', KeyedQueue>;

/** 64 wait, as in the queue of password hashing. */
export const createAttemptQueues = (): AttemptQueues => ({
  narrow: createKeyedQueue(2, 64),
  wide: createKeyedQueue(16, 64),
});

export type AttemptService = Pick<Service<AuthConfig>, 'db' | 'clock' | 'config' | 'log' | 'outbox'> & {
  state: { attemptQueues: AttemptQueues };
};

/** Counts an attempt in all its scopes, or in none if one is locked. */
const count = ({ db, clock }: AttemptService, scopes: readonly Scope[]): Promise<CountedAttempt> =>
  db.transaction(async (tx) => {
    const current = await lockFailures(tx, scopes, clock.now());
    // Read again: the locks may have taken a while.
    const at = clock.now();
    const counted = current.map(({ id, kind, subject, ...failures }): Counted => {
      const judged = judgeAttempt(kind, failures, at);
      if (judged.verdict === 'refused') {
        throw new AppError('sign_in_locked', { retryAfterS: judged.retryAfterS });
      }
      return { id, kind, subject, at, before: failures.lastFailureAt, count: judged.count };
    });
    await writeFailures(
      tx,
      counted.map(({ id, count: failures }) => ({ id, ...failures })),
    );
    return counted;
  });

/** Undoes the count of an attempt that failed for another reason than its password. */
const undo = ({ db }: AttemptService, attempt: CountedAttempt): Promise<void> =>
  db.transaction(async (tx) => {
    for (const counted of attempt) await undoFailure(tx, counted);
  });

/** Undoes the count of an attempt in the transaction in which it succeeds. */
export const recordSuccess = async (tx: Transaction, attempt: CountedAttempt): Promise<void> => {
  for (const counted of attempt) {
    if (isResetBySuccess(counted.kind)) await resetFailures(tx, counted.id);
    else await undoFailure(tx, counted);
  }
};

/** Publishes the lockouts that a wrong password has started or extended. */
const recordLockouts = async (
  { db, outbox }: AttemptService,
  attempt: CountedAttempt,
  address: string | null,
): Promise<void> => {
  const locked = attempt.filter(({ kind, count: { lockedUntil } }) => kind !== 'device' && lockedUntil);
  if (locked.length === 0) return;
  await db.transaction(async (tx) => {
    for (const { kind, subject, count: failures } of locked) {
      await outbox.add(tx, auth.events.signInLocked, {
        kind: kind as 'account' | 'address',
        subject,
        userId: kind === 'account' ? ((await findUserByEmail(tx, subject))?.id ?? null) : null,
        address,
        failures: failures.failures,
        until: (failures.lockedUntil as Date).toISOString(),
        at: failures.lastFailureAt.toISOString(),
      });
    }
  });
};

const isWrongPassword = (error: unknown): boolean =>
  error instanceof AppError && error.code === 'wrong_credentials';

/**
 * Makes one attempt to sign in, unless one of its scopes is locked. It is counted before `attempt` runs, so
 * that parallel guesses cannot exceed the limit.
 * @param attempt has to call `recordSuccess` when it succeeds; `wrong_credentials` leaves it counted, any
 *   other error undoes the count
 * @throws AppError `sign_in_locked` with the remaining seconds, `unavailable` when a queue is full
 */
export const attemptSignIn = <T>(
  service: AttemptService,
  origin: AttemptOrigin,
  attempt: (counted: CountedAttempt) => Promise<T>,
): Promise<T> => {
  if (service.config.lockoutOff) return attempt([]);
  const scopes = scopesOf(origin);
  const run = async (): Promise<T> => {
    const counted = await count(service, scopes);
    try {
      return await attempt(counted);
    } catch (error) {
      if (isWrongPassword(error)) await recordLockouts(service, counted, origin.address);
      else {
        await undo(service, counted).catch((undoError: unknown) => {
          // The attempt stays counted, for a day at most. The caller gets the first error.
          service.log.warn({ err: undoError }, 'the count of a sign-in attempt was not undone');
        });
      }
      throw error;
    }
  };
  return scopes.reduceRight<() => Promise<T>>((next, { kind, subject }) => {
    const queue = service.state.attemptQueues[kind === 'address' ? 'wide' : 'narrow'];
    return () => queue(`${kind} ${subject}`, next);
  }, run)();
};
