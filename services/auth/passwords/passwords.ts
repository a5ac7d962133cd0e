import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { makeQueue } from './queue.ts';

/** argon2id with the first choice of OWASP's Password Storage Cheat Sheet for 19 MiB. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Two of libuv's four threads: a burst of sign-ins leaves the others to files and name look-ups. */
const AT_ONCE = 2;

/** About a second of waiting; who comes later would only wait for its own timeout. */
const WAITING_MAX = 64;

export type Passwords = {
  hash(password: string): Promise<string>;
  /** Whether the password made the hash; without a hash it takes as long and answers false. */
  verify(passwordHash: string | null, password: string): Promise<boolean>;
};

/** Keyboards differ in how they compose letters such as é (NIST SP 800-63B, 5.1.1.2). */
const normalized = (password: string): string => password.normalize('NFKC');

export const makePasswords = async (): Promise<Passwords> => {
  const queue = makeQueue(AT_ONCE, WAITING_MAX);
  const nobodysHash = await hash(randomBytes(32).toString('base64url'), PARAMETERS);
  return {
    hash: (password) => queue(() => hash(normalized(password), PARAMETERS)),
    verify: async (passwordHash, password) => {
      const right = await queue(() => verify(passwordHash ?? nobodysHash, normalized(password)));
      return right && passwordHash !== null;
    },
  };
};
