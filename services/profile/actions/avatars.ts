import type { UserId } from '../../../shared/contracts/ids.ts';
import { findAvatarHashes } from '../persistence/avatars.ts';
import type { ProfileAction } from '../profile.ts';

export const avatars: ProfileAction<'avatars'> = async (service, { params }) => ({
  items: await findAvatarHashes(service.db, params.userIds.split(',') as UserId[]),
});
