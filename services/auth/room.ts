import type { Handler } from '../../broker/implement.ts';
import type { Room } from '../../broker/room.ts';
import type { auth } from '../../shared/contracts/auth.ts';
import type { AuthConfig } from './config.ts';
import type { AttemptLines } from './lockouts/attempt.ts';
import type { Passwords } from './passwords/passwords.ts';
import type { PublicJwk } from './persistence/signing-keys.ts';
import type { Signer } from './signing/signer.ts';

/** What the room keeps in memory. */
export type AuthState = {
  passwords: Passwords;
  attempts: AttemptLines;
  /** Ends what forgets old rows; set when the room has started. */
  stopForgetting: () => void;
  signer: Signer;
  /** The public halves of the keys that live tokens may be signed with. */
  publicJwks: () => Promise<PublicJwk[]>;
};
export type AuthRoom = Room<AuthConfig, AuthState>;

/** The handler of one action of the contract, by its key. */
export type AuthAction<K extends keyof typeof auth.actions> = Handler<AuthRoom, (typeof auth.actions)[K]>;
