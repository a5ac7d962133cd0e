import { AppError } from '../../../broker/calls/errors.ts';
import type { Transaction } from '../../../broker/postgres/database.ts';
import type { Service } from '../../../broker/process/service.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import type { LockoutId } from '../../../shared/contracts/ids.ts';
import type { PasswordHashing } from '../accounts/password-hashing.ts';
import type { AuthConfig } from '../config.ts';
import {
  failuresAt,
  isPublished,
  isResetBySuccess,
  judgeAttempt,
  wholeFailures,
  type Failures,
  type Scope,
} from '../domain/lockouts/lockout.ts';
import { countLockout } from '../metrics.ts';
import { findUserByEmail } from '../persistence/accounts/users.ts';
import {
  lockFailures,
  resetFailures,
  undoFailure,
  writeFailures,
} from '../persistence/lockouts/sign-in-failures.ts';
import { createKeyedQueue, type KeyedQueue } from '../queues/keyed-queue.ts';

/** An attempt that was counted as a failure of one scope before its password was checked. */
type Counted = Scope & { id: LockoutId; count: Failures; added: number };

/** An attempt in progress, the only access to the check of a password. */
export type PasswordAttempt = {
  /** Whether the hash is of this password. A null hash takes the same time and gives false. */
  matches(passwordHash: string | null, password: string): Promise<boolean>;
  /** Undoes the count of the attempt in the transaction in which it succeeds. */
  recordSuccess(tx: Transaction): Promise<void>;
};

/**
 * Makes one attempt to give a password, unless one of its scopes is locked. It is counted before `run`
 * starts, so that parallel guesses cannot exceed the limit.
 * @param about the scopes that the attempt counts for, and the address that it comes from
 * @param run has to call `recordSuccess` when it succeeds; `wrong_credentials` and `wrong_password` leave the
 *   attempt counted, any other error undoes the count
 * @throws AppError `sign_in_locked` with the remaining seconds, `unavailable` when a queue is full
 */
export type AttemptPassword = <T>(
  about: { scopes: readonly Scope[]; address: string | null },
  run: (attempt: PasswordAttempt) => Promise<T>,
) => Promise<T>;

type AttemptService = Pick<Service<AuthConfig>, 'db' | 'clock' | 'config' | 'log' | 'outbox'>;

/**
 * Limits the attempts that this process makes at the same time per scope: `wide` for an address, `narrow` for
 * any other. An attempt in progress counts as a failure, so that more at the same time would lock the account
 * of an owner who starts ten programs at once. 64 wait, as in the queue of password hashing.
 */
const createAttemptQueues = (): Record<'narrow' | 'wide', KeyedQueue> => ({
  narrow: createKeyedQueue(2, 64),
  wide: createKeyedQueue(16, 64),
});

/** Counts an attempt in all its scopes, or in none if one is locked. */
const count = ({ db, clock }: AttemptService, scopes: readonly Scope[]): Promise<Counted[]> =>
  db.transaction(async (tx) => {
    const current = await lockFailures(tx, scopes, clock.now());
    // Read again: the locks may have taken a while.
    const at = clock.now();
    const counted = current.map(({ id, kind, subject, ...failures }): Counted => {
      const judged = judgeAttempt(kind, failures, at);
      if (judged.verdict === 'refused') {
        throw new AppError('sign_in_locked', { retryAfterS: judged.retryAfterS });
      }
      const added = judged.count.failures - failuresAt(kind, failures, at);
      return { id, kind, subject, count: judged.count, added };
    });
    await writeFailures(
      tx,
      counted.map(({ id, count: failures }) => ({ id, ...failures })),
    );
    return counted;
  });

/** Undoes the count of an attempt that failed for another reason than its password. */
const undo = ({ db }: AttemptService, attempt: readonly Counted[]): Promise<void> =>
  db.transaction(async (tx) => {
    for (const counted of attempt) await undoFailure(tx, counted);
  });

const recordSuccess = async (tx: Transaction, attempt: readonly Counted[]): Promise<void> => {
  for (const counted of attempt) {
    if (isResetBySuccess(counted.kind)) await resetFailures(tx, counted.id);
    else await undoFailure(tx, counted);
  }
};

/** Publishes the lockouts that a wrong password has started or extended. */
const recordLockouts = async (
  { db, outbox }: AttemptService,
  attempt: readonly Counted[],
  address: string | null,
): Promise<void> => {
  const started = attempt.filter(({ count: { lockedUntil } }) => lockedUntil);
  for (const { kind } of started) countLockout(kind);
  const locked = started.filter(({ kind }) => isPublished(kind));
  if (locked.length === 0) return;
  await db.transaction(async (tx) => {
    for (const { kind, subject, count: failures } of locked) {
      await outbox.add(tx, auth.events.signInLocked, {
        kind: kind as 'account' | 'address',
        subject,
        userId: kind === 'account' ? ((await findUserByEmail(tx, subject))?.id ?? null) : null,
        address,
        failures: wholeFailures(failures.failures),
        until: (failures.lockedUntil as Date).toISOString(),
        at: failures.lastFailureAt.toISOString(),
      });
    }
  });
};

const WRONG: readonly unknown[] = ['wrong_credentials', 'wrong_password'];
const isWrongPassword = (error: unknown): boolean => error instanceof AppError && WRONG.includes(error.code);

/** The only path to the check of a password: each check is part of a counted attempt. */
export const createPasswordAttempts = (
  service: AttemptService,
  matches: PasswordHashing['verify'],
): AttemptPassword => {
  const queues = createAttemptQueues();
  return (about, run) => {
    if (service.config.lockoutOff) return run({ matches, recordSuccess: async () => undefined });
    const runCounted = async () => {
      const counted = await count(service, about.scopes);
      try {
        return await run({ matches, recordSuccess: (tx) => recordSuccess(tx, counted) });
      } catch (error) {
        if (isWrongPassword(error)) await recordLockouts(service, counted, about.address);
        else {
          await undo(service, counted).catch((undoError: unknown) => {
            // The attempt stays counted until failures decay. The caller gets the first error.
            service.log.warn({ err: undoError }, 'the count of a password attempt was not undone');
          });
        }
        throw error;
      }
    };
    return about.scopes.reduceRight((next, { kind, subject }) => {
      const queue = queues[kind === 'address' ? 'wide' : 'narrow'];
      return () => queue(`${kind} ${subject}`, next);
    }, runCounted)();
  };
};
