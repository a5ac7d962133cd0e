import type { Queryable, Transaction } from '../../../broker/postgres/database.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { deletePoc2Hash, keepsPoc2Hashes, savePoc2Hash } from '../persistence/accounts/poc2-hashes.ts';
import type { PasswordHashing } from './password-hashing.ts';

/**
 * While a system that came from POC-2 can still go back there (scripts/poc2/back-out), each new password is
 * also hashed as POC-2 does, and is good there then. Elsewhere all of this does nothing.
 */
export type Poc2Hashes = {
  /**
   * Hashes a new password.
   * @returns what stores the hash, in the transaction that stores the password's own
   */
  prepare(password: string): Promise<(tx: Transaction, id: UserId) => Promise<void>>;
  /** Deletes the hash, in the transaction that voids the password. */
  discard(tx: Transaction, id: UserId): Promise<void>;
};

const nothing = async (): Promise<void> => undefined;

/** Decides once whether any hash is kept. */
export const createPoc2Hashes = async (
  db: Queryable,
  hash: PasswordHashing['hashForPoc2'],
): Promise<Poc2Hashes> => {
  if (!(await keepsPoc2Hashes(db))) return { prepare: async () => nothing, discard: nothing };
  return {
    prepare: async (password) => {
      const hashed = await hash(password);
      return (tx, id) => savePoc2Hash(tx, id, hashed);
    },
    discard: deletePoc2Hash,
  };
};
