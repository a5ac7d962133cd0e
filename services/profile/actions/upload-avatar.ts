import { callerOf } from '../../../broker/calls/implement.ts';
import { addPart, finishUpload } from '../avatars/upload.ts';
import type { ProfileAction } from '../profile.ts';

export const uploadAvatar: ProfileAction<'uploadAvatar'> = async (service, call) => {
  const { userId } = callerOf(call);
  const { data, cursor, last } = call.params;
  const nextCursor = await addPart(service, userId, { data: Buffer.from(data, 'base64'), cursor });
  if (!last) return { nextCursor };
  await finishUpload(service, userId);
  return { nextCursor: null };
};
