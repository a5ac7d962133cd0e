import type { Queryable, Transaction } from '../../../../broker/postgres/database.ts';

/** Keys in the format of RFC 7517 and RFC 8037. */
export type PublicJwk = { kty: string; crv: string; x: string; kid: string; alg: string; use: string };
export type PrivateJwk = PublicJwk & { d: string };

export type SigningKeyRow = { id: string; publicJwk: PublicJwk; createdAt: Date };
export type PrivateKeyRow = SigningKeyRow & { privateJwk: PrivateJwk };

/** Serializes the creation of keys until this transaction ends. */
export const lockSigningKeys = async (tx: Transaction): Promise<void> => {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('auth.signing_keys', 0))`);
};

export const listSigningKeys = (db: Queryable): Promise<SigningKeyRow[]> =>
  db.query<SigningKeyRow>(
    `select id, public_jwk as "publicJwk", created_at as "createdAt" from signing_keys
     order by created_at desc, id desc`,
  );

export const findPrivateJwk = async (db: Queryable, id: string): Promise<PrivateJwk | null> => {
  const [key] = await db.query<{ jwk: PrivateJwk }>(
    'select private_jwk as jwk from signing_keys where id = $1',
    [id],
  );
  return key?.jwk ?? null;
};

export const insertSigningKey = async (tx: Transaction, key: PrivateKeyRow): Promise<void> => {
  await tx.query(
    'insert into signing_keys (id, public_jwk, private_jwk, created_at) values ($1, $2, $3, $4)',
    [key.id, JSON.stringify(key.publicJwk), JSON.stringify(key.privateJwk), key.createdAt],
  );
};

export const deleteSigningKeys = async (tx: Transaction, ids: readonly string[]): Promise<void> => {
  await tx.query('delete from signing_keys where id = any($1)', [ids]);
};
