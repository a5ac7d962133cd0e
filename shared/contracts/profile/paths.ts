import type { UserId } from '../ids.ts';

/** The address of an avatar; browsers keep what stands at an address with a hash. */
export const avatarPath = (id: UserId, hash: string): string => `/api/avatars/${id}?v=${hash}`;
