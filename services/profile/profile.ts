import type * as z from 'zod/mini';
import type { Handler } from '../../broker/calls/implement.ts';
import type { Service } from '../../broker/process/service.ts';
import type { profile } from '../../shared/contracts/profile.ts';
import type { config } from './config.ts';

export type ProfileService = Service<z.output<typeof config>, undefined>;

/** The handler of one action of the contract, by its key. */
export type ProfileAction<K extends keyof typeof profile.actions> = Handler<
  ProfileService,
  (typeof profile.actions)[K]
>;
