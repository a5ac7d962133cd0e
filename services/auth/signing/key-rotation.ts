import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import type { Transaction } from '../../../broker/postgres/database.ts';
import type { Service } from '../../../broker/process/service.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { ACCESS_TOKEN } from '../../../shared/contracts/auth/signing.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import type { AuthConfig } from '../config.ts';
import { isKeyDue, keysToPublish, keyToSignWith } from '../domain/signing/key-rotation.ts';
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

export type SigningService = Pick<Service<AuthConfig>, 'db' | 'clock' | 'config' | 'log' | 'outbox'>;

/** The administrator who requested a rotation, and why; `by` is null for a scheduled rotation. */
type Rotation = { by: UserId | null; reason: string };

/** A new Ed25519 key; its id is its thumbprint (RFC 7638). */
const generateSigningKey = async (createdAt: Date): Promise<PrivateKeyRow> => {
  const pair = await generateKeyPair(ACCESS_TOKEN.algorithm, { crv: 'Ed25519', extractable: true });
  const { kty = '', crv = '', x = '', d = '' } = await exportJWK(pair.privateKey);
  const id = await calculateJwkThumbprint({ kty, crv, x });
  const publicJwk: PublicJwk = { kty, crv, x, kid: id, alg: ACCESS_TOKEN.algorithm, use: 'sig' };
  return { id, publicJwk, privateJwk: { ...publicJwk, d }, createdAt };
};

/** Adds a key to `keys`, which are all keys, and deletes those that no live token can be signed with. */
const addKey = async (
  service: SigningService,
  tx: Transaction,
  keys: readonly SigningKeyRow[],
  { by, reason }: Rotation,
): Promise<SigningKeyRow> => {
  const now = service.clock.now();
  const key = await generateSigningKey(now);
  await insertSigningKey(tx, key);
  const published = new Set(keysToPublish([key, ...keys], now).map(({ id }) => id));
  const expired = keys.map(({ id }) => id).filter((id) => !published.has(id));
  await deleteSigningKeys(tx, expired);
  if (keys.length > 0) {
    const event = { keyId: key.id, by, reason, at: now.toISOString() };
    await service.outbox.add(tx, auth.events.keysRotated, event);
  }
  service.log.info({ kid: key.id }, 'signing key created');
  return key;
};

/** Creates a key now, whatever the age of the others. */
export const rotateSigningKeys = (service: SigningService, rotation: Rotation): Promise<SigningKeyRow> =>
  service.db.transaction(async (tx) => {
    await lockSigningKeys(tx);
    return addKey(service, tx, await listSigningKeys(tx), rotation);
  });

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

/** The current signing key. A due key is created here, so that rotation needs no timer. */
export const currentPrivateJwk = async (service: SigningService): Promise<PrivateJwk> => {
  const stored = await listSigningKeys(service.db);
  const keys = isDue(service, stored) ? await createDueKey(service) : stored;
  const { id } = keyToSignWith(keys, service.clock.now()) as SigningKeyRow;
  return (await findPrivateJwk(service.db, id)) as PrivateJwk;
};
