import { AppError } from '../../../broker/calls/errors.ts';
import { findAvatar } from '../persistence/avatars.ts';
import type { ProfileAction } from '../profile.ts';

export const avatar: ProfileAction<'avatar'> = async (service, { params }) => {
  const found = await findAvatar(service.db, params.id);
  if (!found) throw new AppError('avatar_not_found');
  return { data: found.image.toString('base64'), hash: found.hash };
};
