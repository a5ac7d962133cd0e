import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { ConfigError } from '../../../broker/process/config.ts';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
/** The recommended size (NIST SP 800-38D 5.2.1.1); random, because few keys are sealed. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts private keys for the database. A sealed key is its nonce, its tag and the encrypted bytes. */
export type KeySeal = {
  /** @param keyId is authenticated, so that a sealed key cannot take the place of another one */
  seal(keyId: string, privateKey: Buffer): Buffer;
  /** @throws ConfigError when neither secret opens it */
  open(keyId: string, sealed: Buffer): { privateKey: Buffer; isCurrent: boolean };
};

const keyOf = (secret: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, '', 'payloom auth signing keys', KEY_BYTES));

const openWith = (key: Buffer, keyId: string, sealed: Buffer): Buffer | null => {
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const tag = sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
  try {
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(keyId)).setAuthTag(tag);
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
  } catch {
    return null;
  }
};

/**
 * A seal that encrypts with `secret` and also opens what was sealed with `previousSecret`, so that the secret
 * can be replaced.
 */
export const createKeySeal = (secret: string, previousSecret: string | null): KeySeal => {
  const key = keyOf(secret);
  const previous = previousSecret === null ? null : keyOf(previousSecret);
  return {
    seal: (keyId, privateKey) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(Buffer.from(keyId));
      const encrypted = Buffer.concat([cipher.update(privateKey), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), encrypted]);
    },
    open: (keyId, sealed) => {
      const current = openWith(key, keyId, sealed);
      if (current) return { privateKey: current, isCurrent: true };
      const old = previous && openWith(previous, keyId, sealed);
      if (old) return { privateKey: old, isCurrent: false };
      throw new ConfigError(
        `AUTH_KEY_SEAL does not open the signing key ${keyId}: set the secret with which it was sealed, ` +
          'as AUTH_KEY_SEAL or as AUTH_KEY_SEAL_PREVIOUS',
      );
    },
  };
};
