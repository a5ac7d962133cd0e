import type { Handler } from '../../broker/calls/implement.ts';
import type { Service } from '../../broker/process/service.ts';
import type { auth } from '../../shared/contracts/auth/auth.ts';
import { createPasswordHashing, type PasswordHashing } from './accounts/password-hashing.ts';
import type { AuthConfig } from './config.ts';
import { createPoc2Hashes, type Poc2Hashes } from './accounts/poc2-hashes.ts';
import { createPasswordAttempts, type AttemptPassword } from './lockouts/password-attempt.ts';
import { createLinkMail, type SendLink } from './accounts/link-mail.ts';
import type { PublicJwk } from './persistence/signing/signing-keys.ts';
import { createKeySeal, type KeySeal } from './signing/key-seal.ts';
import { createPublishedKeys } from './signing/published-keys.ts';
import { createTokenSigner, type TokenSigner } from './signing/tokens.ts';

export type AuthState = {
  sendLink: SendLink;
  hashPassword: PasswordHashing['hash'];
  poc2Hashes: Poc2Hashes;
  attemptPassword: AttemptPassword;
  keySeal: KeySeal;
  signer: TokenSigner;
  /** The public keys that live access tokens may be signed with. */
  publicJwks: () => Promise<PublicJwk[]>;
};
export type AuthService = Service<AuthConfig, AuthState>;

/** The handler of one action of the contract, by its key. */
export type AuthAction<K extends keyof typeof auth.actions> = Handler<AuthService, (typeof auth.actions)[K]>;

export const createState = async (service: Service<AuthConfig>): Promise<AuthState> => {
  const { hash, verify, hashForPoc2 } = await createPasswordHashing();
  const { keySeal: secret, previousKeySeal } = service.config;
  const keySeal = createKeySeal(secret, previousKeySeal);
  return {
    sendLink: createLinkMail(service),
    hashPassword: hash,
    poc2Hashes: await createPoc2Hashes(service.db, hashForPoc2),
    attemptPassword: createPasswordAttempts(service, verify),
    keySeal,
    signer: await createTokenSigner({ ...service, keySeal }),
    publicJwks: createPublishedKeys(service),
  };
};
