import { createHash, randomUUID } from 'node:crypto';
import { AppError } from '../../../broker/calls/errors.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { profile } from '../../../shared/contracts/profile.ts';
import { AVATAR_MAX_BYTES } from '../../../shared/contracts/profile/sizes.ts';
import { imageKindOf } from '../domain/image-kind.ts';
import { deleteParts, insertPart, takeParts, sizeOfParts } from '../persistence/avatar-parts.ts';
import { saveAvatar } from '../persistence/avatars.ts';
import type { ProfileService } from '../profile.ts';
import { squareImage } from './square-image.ts';

const CURSOR = /^([0-9a-f-]{36})[.](\d{1,4})$/;

/** The place of the next part, as the answer to the part before said. */
const placeOf = (cursor: string | undefined): { upload: string; part: number } => {
  if (cursor === undefined) return { upload: randomUUID(), part: 0 };
  const [, upload, part] = CURSOR.exec(cursor) ?? [];
  if (upload === undefined) throw new AppError('upload_interrupted');
  return { upload, part: Number(part) };
};

/**
 * Stores the next part of a user's upload. A new upload replaces one that is on its way.
 * @returns the cursor of the part after it
 * @throws AppError `image_unsupported` at the first part, `body_too_large`, `upload_interrupted`
 */
export const addPart = async (
  { db, clock }: Pick<ProfileService, 'db' | 'clock'>,
  userId: UserId,
  { data, cursor }: { data: Buffer; cursor: string | undefined },
): Promise<string> => {
  const { upload, part } = placeOf(cursor);
  if (part === 0 && imageKindOf(data) === null) throw new AppError('image_unsupported');
  await db.transaction(async (tx) => {
    if (part === 0) await deleteParts(tx, userId);
    const isNext = await insertPart(tx, { userId, upload, part, data, at: clock.now() });
    if (!isNext) throw new AppError('upload_interrupted');
    if ((await sizeOfParts(tx, userId)) > AVATAR_MAX_BYTES) throw new AppError('body_too_large');
  });
  return `${upload}.${part + 1}`;
};

/**
 * Makes the avatar of the parts that have arrived, with its event.
 * @throws AppError of `squareImage`
 */
export const finishUpload = async (service: ProfileService, userId: UserId): Promise<void> => {
  const { db, clock, outbox } = service;
  const image = await squareImage(await takeParts(db, userId));
  const hash = createHash('sha256').update(image).digest('hex').slice(0, 32);
  await db.transaction(async (tx) => {
    const at = clock.now();
    if (!(await saveAvatar(tx, { userId, hash, image, at }))) return;
    await outbox.add(tx, profile.events.avatarChanged, { userId, hash, at: at.toISOString() });
  });
};
