import { auth } from '../../../shared/contracts/auth/auth.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { payments } from '../../../shared/contracts/payments.ts';
import { realtime } from '../../../shared/contracts/realtime.ts';
import { DEFAULT_PREFERENCES } from '../domain/preferences.ts';
import { NO_DETAILS } from '../domain/details.ts';
import type { SectionName, SectionPage } from '../domain/export-text.ts';
import { findAvatar } from '../persistence/avatars.ts';
import { findDetails } from '../persistence/details.ts';
import { findPreferences } from '../persistence/preferences.ts';
import type { ProfileService } from '../profile.ts';

type ReadPage = (service: ProfileService, userId: UserId, cursor?: string) => Promise<SectionPage>;

const optional = (cursor: string | undefined) => (cursor === undefined ? {} : { cursor });

const ownData: ReadPage = async ({ db }, userId) => {
  const [details, preferences, avatar] = await Promise.all([
    findDetails(db, userId),
    findPreferences(db, userId),
    findAvatar(db, userId),
  ]);
  const { version: _details, ...given } = details ?? NO_DETAILS;
  const { version: _preferences, ...chosen } = preferences ?? DEFAULT_PREFERENCES;
  const image = avatar && { type: 'image/webp', base64: avatar.image.toString('base64') };
  return { value: { ...given, avatar: image, preferences: chosen } };
};

/** Reads a page of each section from the service that owns it. */
export const READ_PAGE: Readonly<Record<SectionName, ReadPage>> = {
  account: async ({ call }, id) => {
    const { user } = await call(auth.actions.findUser, { id });
    if (!user) return { value: null };
    const { version: _version, ...account } = user;
    return { value: account };
  },
  sessions: ({ call }, userId, cursor) => call(auth.actions.sessionsOf, { userId, ...optional(cursor) }),
  profile: ownData,
  notifications: ({ call }, userId, cursor) =>
    call(realtime.actions.notificationsOf, { userId, ...optional(cursor) }),
  payments: ({ call }, userId, cursor) => call(payments.actions.paymentsOf, { userId, ...optional(cursor) }),
};
