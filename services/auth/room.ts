import type { Handler } from '../../broker/implement.ts';
import type { Room } from '../../broker/room.ts';
import type { auth } from '../../shared/contracts/auth.ts';
import type { AuthConfig } from './config.ts';
import type { Passwords } from './passwords/passwords.ts';
import type { Signer } from './signing/signer.ts';

/** What the room keeps in memory. */
export type AuthState = { passwords: Passwords; signer: Signer };
export type AuthRoom = Room<AuthConfig, AuthState>;

/** The handler of one action of the contract, by its key. */
export type AuthAction<K extends keyof typeof auth.actions> = Handler<AuthRoom, (typeof auth.actions)[K]>;
