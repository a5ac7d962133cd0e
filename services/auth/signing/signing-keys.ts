import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { ACCESS_TOKEN } from '../../../shared/contracts/auth-fields.ts';
import { isAppError } from '../../../broker/errors.ts';
import type { Transaction } from '../../../broker/postgres/database.ts';
import { keysToPublish, keyToSignWith } from '../domain/signing-keys.ts';
import {
  deleteSigningKeys,
  findPrivateJwk,
  insertSigningKey,
  listSigningKeys,
  lockSigningKeys,
  type PrivateJwk,
  type PrivateKeyRow,
  type PublicJwk,
  type SigningKeyRow,
} from '../persistence/signing-keys.ts';
import type { AuthRoom } from '../room.ts';

type KeyRoom = Pick<AuthRoom, 'db' | 'clock' | 'config' | 'log'>;

/** A new Ed25519 key, named by its thumbprint (RFC 7638). */
const generateSigningKey = async (createdAt: Date): Promise<PrivateKeyRow> => {
  const pair = await generateKeyPair(ACCESS_TOKEN.algorithm, { crv: 'Ed25519', extractable: true });
  const { kty = '', crv = '', x = '', d = '' } = await exportJWK(pair.privateKey);
  const id = await calculateJwkThumbprint({ kty, crv, x });
  const publicJwk: PublicJwk = { kty, crv, x, kid: id, alg: ACCESS_TOKEN.algorithm, use: 'sig' };
  return { id, publicJwk, privateJwk: { ...publicJwk, d }, createdAt };
};

const makeNextKey = async (room: KeyRoom, tx: Transaction): Promise<PrivateJwk> => {
  await lockSigningKeys(tx);
  const now = room.clock.now();
  const keys = await listSigningKeys(tx);
  const made = keyToSignWith(keys, now, room.config.signingKeyMaxAgeDays);
  if (made) return (await findPrivateJwk(tx, made.id)) as PrivateJwk;
  const key = await generateSigningKey(now);
  await insertSigningKey(tx, key);
  const published = new Set(keysToPublish([key, ...keys], now).map(({ id }) => id));
  await deleteSigningKeys(
    tx,
    keys.map(({ id }) => id).filter((id) => !published.has(id)),
  );
  room.log.info({ kid: key.id }, 'a new signing key was made');
  return key.privateJwk;
};

/** The key to sign with now; the first one, and one after a key that is too old, is made here, once. */
export const currentPrivateJwk = async (room: KeyRoom): Promise<PrivateJwk> => {
  const keys = await listSigningKeys(room.db);
  const current = keyToSignWith(keys, room.clock.now(), room.config.signingKeyMaxAgeDays);
  const jwk = current && (await findPrivateJwk(room.db, current.id));
  return jwk ?? room.db.transaction((tx) => makeNextKey(room, tx));
};

/**
 * The keys that others verify with. While the database is away those that were read last: they change once
 * in weeks, and nobody could verify a token otherwise.
 */
export const publishedKeys = (room: KeyRoom): (() => Promise<PublicJwk[]>) => {
  let known: SigningKeyRow[] = [];
  return async () => {
    try {
      known = await listSigningKeys(room.db);
    } catch (error) {
      if (known.length === 0 || !isAppError(error) || error.code !== 'unavailable') throw error;
    }
    return keysToPublish(known, room.clock.now()).map((key) => key.publicJwk);
  };
};
