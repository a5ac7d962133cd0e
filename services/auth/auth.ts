import type { Handler } from '../../broker/calls/implement.ts';
import type { Service } from '../../broker/process/service.ts';
import type { auth } from '../../shared/contracts/auth/auth.ts';
import type { AuthConfig } from './config.ts';
import type { AttemptQueues } from './lockouts/attempt.ts';
import type { Passwords } from './passwords/passwords.ts';
import type { PublicJwk } from './persistence/signing/signing-keys.ts';
import type { Signer } from './signing/signer.ts';

/** What the service keeps in memory. */
export type AuthState = {
  passwords: Passwords;
  attempts: AttemptQueues;
  signer: Signer;
  /** The public halves of the keys that live tokens may be signed with. */
  publicJwks: () => Promise<PublicJwk[]>;
};
export type AuthService = Service<AuthConfig, AuthState>;

/** The handler of one action of the contract, by its key. */
export type AuthAction<K extends keyof typeof auth.actions> = Handler<AuthService, (typeof auth.actions)[K]>;
