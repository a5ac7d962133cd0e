import { purgeOf } from '../../../broker/postgres/delete-in-batches.ts';
import type { Queryable } from '../../../broker/postgres/database.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import type { StoredHashes } from '../domain/fingerprint.ts';
import type { LargestAmounts } from '../../../shared/contracts/admin/settings.ts';
import type { KnownParty } from './parties.ts';

/** What an earlier request with the same key stored: its hashes, and its answer byte for byte. */
export type UsedKey = StoredHashes & { response: string };

/** What administrators have stopped or limited; null where they never have. */
type Limits = { paymentsStopped: boolean | null; largestAmounts: LargestAmounts | null };

type Lookup = Limits & {
  payer: KnownParty | null;
  payee: KnownParty | null;
  fingerprint: string | null;
  bodyHash: string | null;
  response: string | null;
};

type Known = {
  payer: KnownParty | null;
  payee: KnownParty | null;
  used: UsedKey | null;
  isStopped: boolean;
  largestAmounts: LargestAmounts;
};

/** Reads the parties, an earlier use of the key, and what is stopped or limited now, in one round trip. */
export const readPartiesAndKey = async (
  db: Queryable,
  payerId: UserId,
  key: string,
  payee: { id: UserId } | { email: string },
): Promise<Known> => {
  const [row] = await db.query<Lookup>(
    `select
       (select row_to_json(p) from parties p where p.id = $1) as payer,
       (select row_to_json(p) from parties p where p.id = $3 or lower(p.email) = $4) as payee,
       (select value from settings where id = 'paymentsStopped') as "paymentsStopped",
       (select value from settings where id = 'largestAmounts') as "largestAmounts",
       k.fingerprint, k.body_hash as "bodyHash", k.response
     from (values (1)) as one left join idempotency_keys k on k.caller_id = $1 and k.key = $2`,
    [payerId, key, 'id' in payee ? payee.id : null, 'email' in payee ? payee.email : null],
  );
  const { fingerprint = null, bodyHash = null, response = null } = row ?? {};
  const used = bodyHash === null || response === null ? null : { fingerprint, bodyHash, response };
  return {
    ...{ payer: row?.payer ?? null, payee: row?.payee ?? null, used },
    isStopped: row?.paymentsStopped ?? false,
    largestAmounts: row?.largestAmounts ?? {},
  };
};

/** An earlier use of the key by this caller; null when there is none. */
export const readKey = async (db: Queryable, callerId: UserId, key: string): Promise<UsedKey | null> => {
  const [used] = await db.query<UsedKey>(
    `select fingerprint, body_hash as "bodyHash", response from idempotency_keys
     where caller_id = $1 and key = $2`,
    [callerId, key],
  );
  return used ?? null;
};

/** Deletes at most `limit` keys that were used before the given time. Returns how many. */
export const purgeKeys = purgeOf({ table: 'idempotency_keys', key: 'caller_id, key', age: 'created_at' });
