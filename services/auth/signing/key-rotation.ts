import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import type { Transaction } from '../../../broker/postgres/database.ts';
import type { Service } from '../../../broker/process/service.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { ACCESS_TOKEN } from '../../../shared/contracts/auth/signing.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import type { AuthConfig } from '../config.ts';
import {
  isKeyDue,
  KEPT_AFTER_SUCCESSOR_MS,
  keysToPublish,
  keyToSignWith,
} from '../domain/signing/key-rotation.ts';
import {
  deleteRevokedKeys,
  deleteSigningKeys,
  insertSigningKey,
  listPrivateKeys,
  listSigningKeys,
  lockSigningKeys,
  revokeSigningKeys,
  storeSealedKey,
  type PrivateJwk,
  type PrivateKeyRow,
  type PublicJwk,
  type SigningKeyRow,
} from '../persistence/signing/signing-keys.ts';
import { signalRevoked, type SignalService } from '../sessions/revoke-session.ts';
import type { KeySeal } from './key-seal.ts';

export type SigningService = Pick<Service<AuthConfig>, 'db' | 'clock' | 'config' | 'log' | 'outbox'> & {
  keySeal: KeySeal;
};

/** The administrator who requested a rotation, and why; `by` is null for a scheduled rotation. */
type Rotation = { by: UserId | null; reason: string };

type NewKey = SigningKeyRow & { privateKey: Buffer };

/** A new Ed25519 key; its id is its thumbprint (RFC 7638). */
const generateSigningKey = async (createdAt: Date): Promise<NewKey> => {
  const pair = await generateKeyPair(ACCESS_TOKEN.algorithm, { crv: 'Ed25519', extractable: true });
  const { kty = '', crv = '', x = '', d = '' } = await exportJWK(pair.privateKey);
  const id = await calculateJwkThumbprint({ kty, crv, x });
  const publicJwk: PublicJwk = { kty, crv, x, kid: id, alg: ACCESS_TOKEN.algorithm, use: 'sig' };
  return { id, publicJwk, privateKey: Buffer.from(d, 'base64url'), createdAt };
};

const createKey = async (service: SigningService, tx: Transaction): Promise<SigningKeyRow> => {
  const { privateKey, ...key } = await generateSigningKey(service.clock.now());
  await insertSigningKey(tx, { ...key, sealedKey: service.keySeal.seal(key.id, privateKey) });
  await deleteRevokedKeys(tx, new Date(key.createdAt.getTime() - KEPT_AFTER_SUCCESSOR_MS));
  service.log.info({ kid: key.id }, 'signing key created');
  return key;
};

/** Adds a key to `keys`, which are all keys, and deletes those that no live token can be signed with. */
const addKey = async (
  service: SigningService,
  tx: Transaction,
  keys: readonly SigningKeyRow[],
  { by, reason }: Rotation,
): Promise<SigningKeyRow> => {
  const key = await createKey(service, tx);
  const { createdAt: at } = key;
  const published = new Set(keysToPublish([key, ...keys], at).map(({ id }) => id));
  const expired = keys.map(({ id }) => id).filter((id) => !published.has(id));
  await deleteSigningKeys(tx, expired);
  if (keys.length > 0) {
    const event = { keyId: key.id, by, reason, at: at.toISOString() };
    await service.outbox.add(tx, auth.events.keysRotated, event);
  }
  return key;
};

/** Creates a key now, whatever the age of the others. */
export const rotateSigningKeys = (service: SigningService, rotation: Rotation): Promise<SigningKeyRow> =>
  service.db.transaction(async (tx) => {
    await lockSigningKeys(tx);
    return addKey(service, tx, await listSigningKeys(tx), rotation);
  });

/**
 * Replaces all keys at once: the new key signs immediately, and no token of the others is accepted any more.
 * For a private key that may have been copied.
 */
export const revokeAndReplaceKeys = async (
  service: SigningService & SignalService,
  { by, reason }: Rotation,
): Promise<SigningKeyRow> => {
  const { key, revoked } = await service.db.transaction(async (tx) => {
    await lockSigningKeys(tx);
    const keyIds = (await listSigningKeys(tx)).map(({ id }) => id);
    const created = await createKey(service, tx);
    await revokeSigningKeys(tx, keyIds, created.createdAt);
    const event = { keyIds, keyId: created.id, by, reason, at: created.createdAt.toISOString() };
    await service.outbox.add(tx, auth.events.keysRevoked, event);
    return { key: created, revoked: keyIds };
  });
  service.log.warn({ kid: key.id, revoked }, 'signing keys revoked');
  await signalRevoked(service, { keyIds: revoked });
  return key;
};

const isDue = ({ clock, config }: SigningService, keys: readonly SigningKeyRow[]): boolean =>
  isKeyDue(keys, clock.now(), config.signingKeyMaxAgeDays);

/** Creates the first key, or the successor of a key that is due, once in all processes. */
const createDueKey = (service: SigningService): Promise<SigningKeyRow[]> =>
  service.db.transaction(async (tx) => {
    await lockSigningKeys(tx);
    const keys = await listSigningKeys(tx);
    if (!isDue(service, keys)) return keys;
    return [await addKey(service, tx, keys, { by: null, reason: 'scheduled rotation' }), ...keys];
  });

/** The key to sign with now. A due key is created here, so that rotation needs no timer. */
export const currentSigningKey = async (service: SigningService): Promise<SigningKeyRow> => {
  const stored = await listSigningKeys(service.db);
  const keys = isDue(service, stored) ? await createDueKey(service) : stored;
  return keyToSignWith(keys, service.clock.now()) as SigningKeyRow;
};

const openKey = (seal: KeySeal, { id, privateJwk, sealedKey }: PrivateKeyRow) =>
  sealedKey
    ? seal.open(id, sealedKey)
    : { privateKey: Buffer.from(privateJwk?.d ?? '', 'base64url'), isCurrent: false };

/**
 * The private part of a key; null when the key was revoked or deleted meanwhile.
 * @throws ConfigError when AUTH_KEY_SEAL does not open it
 */
export const readPrivateJwk = async (
  { db, keySeal }: Pick<SigningService, 'db' | 'keySeal'>,
  keyId: string,
): Promise<PrivateJwk | null> => {
  const [row] = await listPrivateKeys(db, keyId);
  return row ? { ...row.publicJwk, d: openKey(keySeal, row).privateKey.toString('base64url') } : null;
};

/** Seals the keys that are stored in plain text or under the previous secret; returns their number. */
export const resealKeys = ({ db, keySeal }: Pick<SigningService, 'db' | 'keySeal'>): Promise<number> =>
  db.transaction(async (tx) => {
    await lockSigningKeys(tx);
    let resealed = 0;
    for (const row of await listPrivateKeys(tx, null)) {
      const { privateKey, isCurrent } = openKey(keySeal, row);
      if (isCurrent) continue;
      await storeSealedKey(tx, row.id, keySeal.seal(row.id, privateKey));
      resealed += 1;
    }
    return resealed;
  });
