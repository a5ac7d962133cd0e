import { setTimeout as wait } from 'node:timers/promises';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { ACCESS_TOKEN } from '../../../shared/contracts/auth/fields.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { isAppError } from '../../../broker/calls/errors.ts';
import type { Transaction } from '../../../broker/postgres/database.ts';
import { isKeyDue, keysToPublish, keyToSignWith } from '../domain/signing/signing-keys.ts';
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
} from '../persistence/signing/signing-keys.ts';
import type { AuthService } from '../auth.ts';

export type KeyService = Pick<AuthService, 'db' | 'clock' | 'config' | 'log' | 'outbox'>;

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
  service: KeyService,
  tx: Transaction,
  keys: readonly SigningKeyRow[],
  { by, reason }: Rotation,
): Promise<SigningKeyRow> => {
  const now = service.clock.now();
  const key = await generateSigningKey(now);
  await insertSigningKey(tx, key);
  const published = new Set(keysToPublish([key, ...keys], now).map(({ id }) => id));
  const gone = keys.map(({ id }) => id).filter((id) => !published.has(id));
  await deleteSigningKeys(tx, gone);
  if (keys.length > 0) {
    await service.outbox.add(tx, auth.events.keysRotated, {
      keyId: key.id,
      by,
      reason,
      at: now.toISOString(),
    });
  }
  service.log.info({ kid: key.id }, 'a new signing key was made');
  return key;
};

/** Makes a key now, whatever the age of the others. */
export const rotateSigningKeys = (service: KeyService, rotation: Rotation): Promise<SigningKeyRow> =>
  service.db.transaction(async (tx) => {
    await lockSigningKeys(tx);
    return addKey(service, tx, await listSigningKeys(tx), rotation);
  });

const isDue = (service: KeyService, keys: readonly SigningKeyRow[]): boolean =>
  isKeyDue(keys, service.clock.now(), service.config.signingKeyMaxAgeDays);

/** The first key, or the successor of one that will soon be too old; made once, whoever comes first. */
const makeDueKey = (service: KeyService): Promise<SigningKeyRow[]> =>
  service.db.transaction(async (tx) => {
    await lockSigningKeys(tx);
    const keys = await listSigningKeys(tx);
    if (!isDue(service, keys)) return keys;
    return [await addKey(service, tx, keys, { by: null, reason: 'its time had come' }), ...keys];
  });

/** The key to sign with now; keys are made here when they are due. */
export const currentPrivateJwk = async (service: KeyService): Promise<PrivateJwk> => {
  const known = await listSigningKeys(service.db);
  const keys = isDue(service, known) ? await makeDueKey(service) : known;
  const { id } = keyToSignWith(keys, service.clock.now()) as SigningKeyRow;
  return (await findPrivateJwk(service.db, id)) as PrivateJwk;
};

/** So long the database may take to say whether there are others than those that are known. */
const NEWS_LIMIT_MS = 300;

/**
 * The keys that others verify with. While the database is away those that were read last: they change once
 * in weeks, and nobody could verify a token otherwise.
 */
export const publishedKeys = (service: KeyService): (() => Promise<PublicJwk[]>) => {
  let known: SigningKeyRow[] = [];
  const read = async (): Promise<void> => {
    try {
      known = await listSigningKeys(service.db);
    } catch (error) {
      if (known.length === 0 || !isAppError(error) || error.code !== 'unavailable') throw error;
    }
  };
  return async () => {
    const reading = read();
    await (known.length === 0 ? reading : Promise.race([reading, wait(NEWS_LIMIT_MS)]));
    return keysToPublish(known, service.clock.now()).map((key) => key.publicJwk);
  };
};
