import { callerOf } from '../../../broker/calls/implement.ts';
import { profile } from '../../../shared/contracts/profile.ts';
import { deleteAvatar } from '../persistence/avatars.ts';
import type { ProfileAction } from '../profile.ts';

export const removeAvatar: ProfileAction<'removeAvatar'> = async (service, call) => {
  const { userId } = callerOf(call);
  await service.db.transaction(async (tx) => {
    if (!(await deleteAvatar(tx, userId))) return;
    const event = { userId, hash: null, at: service.clock.iso() };
    await service.outbox.add(tx, profile.events.avatarChanged, event);
  });
  return {};
};
