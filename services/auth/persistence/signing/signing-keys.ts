import type { Queryable, Transaction } from '../../../../broker/postgres/database.ts';

/** Keys in the format of RFC 7517 and RFC 8037. */
export type PublicJwk = { kty: string; crv: string; x: string; kid: string; alg: string; use: string };
export type PrivateJwk = PublicJwk & { d: string };

export type SigningKeyRow = { id: string; publicJwk: PublicJwk; createdAt: Date };
/** `privateJwk` is set in rows of older versions only, until they are sealed. */
export type PrivateKeyRow = {
  id: string;
  publicJwk: PublicJwk;
  privateJwk: PrivateJwk | null;
  sealedKey: Buffer | null;
};

/** Serializes the creation of keys until this transaction ends. */
export const lockSigningKeys = async (tx: Transaction): Promise<void> => {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('auth.signing_keys', 0))`);
};

/** The keys that are not revoked, newest first. */
export const listSigningKeys = (db: Queryable): Promise<SigningKeyRow[]> =>
  db.query<SigningKeyRow>(
    `select id, public_jwk as "publicJwk", created_at as "createdAt" from signing_keys
     where revoked_at is null order by created_at desc, id desc`,
  );

/** The private parts of keys that are not revoked: of one key, or of all. */
export const listPrivateKeys = (db: Queryable, id: string | null): Promise<PrivateKeyRow[]> =>
  db.query<PrivateKeyRow>(
    `select id, public_jwk as "publicJwk", private_jwk as "privateJwk", sealed_key as "sealedKey"
     from signing_keys where revoked_at is null and ($1::text is null or id = $1)`,
    [id],
  );

export const insertSigningKey = async (
  tx: Transaction,
  key: SigningKeyRow & { sealedKey: Buffer },
): Promise<void> => {
  await tx.query(
    'insert into signing_keys (id, public_jwk, sealed_key, created_at) values ($1, $2, $3, $4)',
    [key.id, JSON.stringify(key.publicJwk), key.sealedKey, key.createdAt],
  );
};

/** Stores the sealed private part of a key, in place of a plain one or of one under another seal. */
export const storeSealedKey = async (tx: Transaction, id: string, sealedKey: Buffer): Promise<void> => {
  await tx.query(
    'update signing_keys set sealed_key = $2, private_jwk = null where id = $1 and revoked_at is null',
    [id, sealedKey],
  );
};

/** Revokes keys and deletes their private parts. */
export const revokeSigningKeys = async (tx: Transaction, ids: readonly string[], at: Date): Promise<void> => {
  await tx.query(
    'update signing_keys set revoked_at = $2, sealed_key = null, private_jwk = null where id = any($1)',
    [ids, at],
  );
};

export const keysRevokedSince = async (db: Queryable, since: Date): Promise<string[]> => {
  const rows = await db.query<{ id: string }>('select id from signing_keys where revoked_at >= $1', [since]);
  return rows.map(({ id }) => id);
};

export const deleteSigningKeys = async (tx: Transaction, ids: readonly string[]): Promise<void> => {
  await tx.query('delete from signing_keys where id = any($1)', [ids]);
};

export const deleteRevokedKeys = async (tx: Transaction, before: Date): Promise<void> => {
  await tx.query('delete from signing_keys where revoked_at < $1', [before]);
};
