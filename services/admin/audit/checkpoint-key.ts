import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  hkdfSync,
  sign,
  verify,
} from 'node:crypto';

/** The bytes before an Ed25519 seed in PKCS #8 (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SEED_BYTES = 32;

/** A state of the chain: its signature vouches for all entries up to `position`. */
export type SealedState = { position: number; hash: Buffer; at: Date };

export type CheckpointKey = {
  /** base64url, as `x` of a JSON Web Key. */
  publicKey: string;
  sign(state: SealedState): Buffer;
  signText(text: string): Buffer;
  /** A proof to ourselves that a text is our own, base64url. */
  mac(text: string): string;
};

const textOf = ({ position, hash, at }: SealedState): Buffer =>
  Buffer.from(`payloom audit checkpoint\n${position}\n${hash.toString('hex')}\n${at.toISOString()}`);

/** The Ed25519 key that follows from a secret. It is stored nowhere. */
export const checkpointKeyOf = (secret: string): CheckpointKey => {
  const seed = Buffer.from(hkdfSync('sha256', secret, '', 'payloom audit checkpoints', SEED_BYTES));
  const privateKey = createPrivateKey({
    key: Buffer.concat([PKCS8, seed]),
    format: 'der',
    type: 'pkcs8',
  });
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  const macKey = createSecretKey(
    Buffer.from(hkdfSync('sha256', secret, '', 'payloom audit cursors', SEED_BYTES)),
  );
  return {
    publicKey: x,
    sign: (state) => sign(null, textOf(state), privateKey),
    signText: (text) => sign(null, Buffer.from(text), privateKey),
    mac: (text) => createHmac('sha256', macKey).update(text).digest('base64url'),
  };
};

const isBytesSignedBy = (publicKey: string, bytes: Buffer, signature: Buffer): boolean => {
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
  return verify(null, bytes, key, signature);
};

/** Whether the owner of a public key has signed the text. */
export const isTextSignedBy = (publicKey: string, text: string, signature: Buffer): boolean =>
  isBytesSignedBy(publicKey, Buffer.from(text), signature);

/** Whether the owner of a public key has signed the state. */
export const isSignedBy = (publicKey: string, state: SealedState, signature: Buffer): boolean =>
  isBytesSignedBy(publicKey, textOf(state), signature);
