import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { hash as hashBcrypt, verify as verifyBcrypt } from '@node-rs/bcrypt';
import { createKeyedQueue } from '../queues/keyed-queue.ts';

/** argon2id with the first choice of OWASP's Password Storage Cheat Sheet for 19 MiB. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Two of libuv's four threads: a burst of sign-ins leaves the others to files and name look-ups. */
const CONCURRENCY = 2;

/** About a second of waiting; a longer queue would only lead to timeouts. */
const WAITING_MAX = 64;

export type PasswordHashing = {
  hash(password: string): Promise<string>;
  /** Whether the hash is of this password. A null hash takes the same time and gives false. */
  verify(passwordHash: string | null, password: string): Promise<boolean>;
  /** The password's hash of bcrypt, as POC-2 makes it. */
  hashForPoc2(password: string): Promise<string>;
};

const POC2_COST = 10;

/**
 * A hash of bcrypt, as accounts have that came from POC-2 (scripts/poc2). It is verified, and replaced at the
 * next sign-in. A sign-in to such an account takes longer than one to none, which shows that it exists, as
 * registration does.
 */
const BCRYPT = /^\$2[abxy]\$/;

/** Whether a hash is to be replaced by one of argon2id as soon as its password is known. */
export const needsRenewal = (passwordHash: string): boolean => BCRYPT.test(passwordHash);

/** Keyboards differ in how they compose letters such as é (NIST SP 800-63B, 5.1.1.2). */
const normalized = (password: string): string => password.normalize('NFKC');

export const createPasswordHashing = async (): Promise<PasswordHashing> => {
  const queue = createKeyedQueue(CONCURRENCY, WAITING_MAX);
  const enqueue = <T>(work: () => Promise<T>): Promise<T> => queue('argon2', work);
  const dummyHash = await hash(randomBytes(32).toString('base64url'), PARAMETERS);
  return {
    hash: (password) => enqueue(() => hash(normalized(password), PARAMETERS)),
    verify: async (passwordHash, password) => {
      if (passwordHash !== null && needsRenewal(passwordHash))
        // Hashed as it was typed.
        return enqueue(() => verifyBcrypt(password, passwordHash));
      const isMatch = await enqueue(() => verify(passwordHash ?? dummyHash, normalized(password)));
      return isMatch && passwordHash !== null;
    },
    hashForPoc2: async (password) => {
      const hashed = await enqueue(() => hashBcrypt(password, POC2_COST));
      // 2y is 2b by another name, which POC-2's library does not know.
      return hashed.replace(/^\$2y\$/, '$2b$');
    },
  };
};
