import type * as z from 'zod/mini';
import type { Handler } from '../../broker/implement.ts';
import type { Room } from '../../broker/room.ts';
import type { profile } from '../../shared/contracts/profile.ts';
import type { config } from './config.ts';

export type ProfileRoom = Room<z.output<typeof config>, undefined>;

/** The handler of one action of the contract, by its key. */
export type ProfileAction<K extends keyof typeof profile.actions> = Handler<
  ProfileRoom,
  (typeof profile.actions)[K]
>;
