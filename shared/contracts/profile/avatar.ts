import * as z from 'zod/mini';
import { instant } from '../fields.ts';
import { userId } from '../ids.ts';
import { AVATAR_MAX_BYTES } from './sizes.ts';

/** The first 128 bits of the SHA-256 of a stored avatar: another image has another hash. */
export const avatarHash = z.string().check(z.regex(/^[0-9a-f]{32}$/, { error: 'must be 32 hex digits' }));

/** The most users whose avatars one request may ask for. */
export const AVATARS_MAX = 50;
const userIds = z.string({ error: 'must be text' }).check(
  z.regex(new RegExp(`^usr_[0-9a-f]{32}(,usr_[0-9a-f]{32}){0,${AVATARS_MAX - 1}}$`), {
    error: `must be 1 to ${AVATARS_MAX} user ids, separated by commas`,
  }),
);

export const avatarActions = {
  uploadAvatar: {
    summary: 'Replace your avatar by a PNG, JPEG or WebP image of at most 5 MiB',
    http: { route: 'PUT /api/profile/avatar', status: 204, body: 'file', bodyMaxBytes: AVATAR_MAX_BYTES },
    permission: 'signed-in',
    params: z.strictObject({
      data: z.string({ error: 'must be text' }),
      last: z.boolean({ error: 'must be true or false' }),
      cursor: z.optional(z.string().check(z.maxLength(100))),
    }),
    result: z.object({ nextCursor: z.nullable(z.string()) }),
    errors: ['image_unsupported', 'image_unreadable', 'image_too_large', 'upload_interrupted'],
    idempotent: 'no',
    timeoutMs: 20_000,
    limit: { perAccountPerMinute: 20 },
  },
  removeAvatar: {
    summary: 'Remove your avatar',
    http: { route: 'DELETE /api/profile/avatar', status: 204 },
    permission: 'signed-in',
    params: z.strictObject({}),
    result: z.object({}),
    errors: [],
    idempotent: 'yes',
  },
  avatar: {
    summary: 'The avatar of a user, a square WebP image',
    http: { route: 'GET /api/avatars/:id', image: 'image/webp' },
    permission: 'signed-in',
    params: z.strictObject({ id: userId, v: z.optional(avatarHash) }),
    result: z.object({ data: z.string(), hash: avatarHash }),
    errors: ['avatar_not_found'],
    idempotent: 'read',
  },
  avatars: {
    summary: 'Which of these users have an avatar, and its hash',
    http: { route: 'GET /api/avatars', revalidated: true },
    permission: 'signed-in',
    params: z.strictObject({ userIds }),
    result: z.object({ items: z.array(z.object({ userId, hash: avatarHash })) }),
    errors: [],
    idempotent: 'read',
  },
} as const;

export const avatarEvents = {
  avatarChanged: {
    summary: 'A user replaced or removed the avatar; `hash` is null when there is none',
    version: 1,
    subscribers: ['admin', 'realtime'],
    payload: z.object({ userId, hash: z.nullable(avatarHash), at: instant }),
  },
} as const;
