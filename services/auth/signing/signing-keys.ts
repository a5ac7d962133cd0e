import { setTimeout as wait } from 'node:timers/promises';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { auth } from '../../../shared/contracts/auth.ts';
import { ACCESS_TOKEN } from '../../../shared/contracts/auth-fields.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { isAppError } from '../../../broker/errors.ts';
import type { Transaction } from '../../../broker/postgres/database.ts';
import { isKeyDue, keysToPublish, keyToSignWith } from '../domain/signing-keys.ts';
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

export type KeyRoom = Pick<AuthRoom, 'db' | 'clock' | 'config' | 'log' | 'outbox'>;

/** Who wants another key, and why; nobody where its time has come. */
export type Rotation = { by: UserId | null; reason: string };

/** A new Ed25519 key, named by its thumbprint (RFC 7638). */
const generateSigningKey = async (createdAt: Date): Promise<PrivateKeyRow> => {
  const pair = await generateKeyPair(ACCESS_TOKEN.algorithm, { crv: 'Ed25519', extractable: true });
  const { kty = '', crv = '', x = '', d = '' } = await exportJWK(pair.privateKey);
  const id = await calculateJwkThumbprint({ kty, crv, x });
  const publicJwk: PublicJwk = { kty, crv, x, kid: id, alg: ACCESS_TOKEN.algorithm, use: 'sig' };
  return { id, publicJwk, privateJwk: { ...publicJwk, d }, createdAt };
};

/** Adds a key to `keys`, all there are; those go that no live token can name any more. */
const addKey = async (
  room: KeyRoom,
  tx: Transaction,
  keys: readonly SigningKeyRow[],
  { by, reason }: Rotation,
): Promise<SigningKeyRow> => {
  const now = room.clock.now();
  const key = await generateSigningKey(now);
  await insertSigningKey(tx, key);
  const published = new Set(keysToPublish([key, ...keys], now).map(({ id }) => id));
  const gone = keys.map(({ id }) => id).filter((id) => !published.has(id));
  await deleteSigningKeys(tx, gone);
  if (keys.length > 0) {
    await room.outbox.add(tx, auth.facts.keysRotated, { keyId: key.id, by, reason, at: now.toISOString() });
  }
  room.log.info({ kid: key.id }, 'a new signing key was made');
  return key;
};

/** Makes a key now, whatever the age of the others. */
export const rotateSigningKeys = (room: KeyRoom, rotation: Rotation): Promise<SigningKeyRow> =>
  room.db.transaction(async (tx) => {
    await lockSigningKeys(tx);
    return addKey(room, tx, await listSigningKeys(tx), rotation);
  });

const isDue = (room: KeyRoom, keys: readonly SigningKeyRow[]): boolean =>
  isKeyDue(keys, room.clock.now(), room.config.signingKeyMaxAgeDays);

/** The first key, or the successor of one that will soon be too old; made once, whoever comes first. */
const makeDueKey = (room: KeyRoom): Promise<SigningKeyRow[]> =>
  room.db.transaction(async (tx) => {
    await lockSigningKeys(tx);
    const keys = await listSigningKeys(tx);
    if (!isDue(room, keys)) return keys;
    return [await addKey(room, tx, keys, { by: null, reason: 'its time had come' }), ...keys];
  });

/** The key to sign with now; keys are made here when they are due. */
export const currentPrivateJwk = async (room: KeyRoom): Promise<PrivateJwk> => {
  const known = await listSigningKeys(room.db);
  const keys = isDue(room, known) ? await makeDueKey(room) : known;
  const { id } = keyToSignWith(keys, room.clock.now()) as SigningKeyRow;
  return (await findPrivateJwk(room.db, id)) as PrivateJwk;
};

/** So long the database may take to say whether there are others than those that are known. */
const NEWS_LIMIT_MS = 300;

/**
 * The keys that others verify with. While the database is away those that were read last: they change once
 * in weeks, and nobody could verify a token otherwise.
 */
export const publishedKeys = (room: KeyRoom): (() => Promise<PublicJwk[]>) => {
  let known: SigningKeyRow[] = [];
  const read = async (): Promise<void> => {
    try {
      known = await listSigningKeys(room.db);
    } catch (error) {
      if (known.length === 0 || !isAppError(error) || error.code !== 'unavailable') throw error;
    }
  };
  return async () => {
    const reading = read();
    await (known.length === 0 ? reading : Promise.race([reading, wait(NEWS_LIMIT_MS)]));
    return keysToPublish(known, room.clock.now()).map((key) => key.publicJwk);
  };
};
