import { callerOf } from '../../../broker/calls/implement.ts';
import { NO_DETAILS } from '../domain/details.ts';
import { findAvatarHash } from '../persistence/avatars.ts';
import { findDetails } from '../persistence/details.ts';
import type { ProfileAction } from '../profile.ts';

export const details: ProfileAction<'details'> = async ({ db }, call) => {
  const { userId } = callerOf(call);
  const [stored, avatar] = await Promise.all([findDetails(db, userId), findAvatarHash(db, userId)]);
  return { ...(stored ?? NO_DETAILS), avatar };
};
