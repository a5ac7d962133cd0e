import type { Client } from '../client/client.ts';
import type { UserId } from '../contracts/ids.ts';
import { profile } from '../contracts/profile.ts';
import { createHashReader } from './hash-reader.ts';

/** The hashes of other users' avatars, by user; null for none, undefined until it is known. */
let known = $state.raw<ReadonlyMap<UserId, string | null>>(new Map());

const reader = createHashReader<Client>({
  read: async (client, ids) => {
    const { items } = await client.call(profile.actions.avatars, { userIds: ids.join(',') });
    return new Map(items.map(({ userId, hash }) => [userId, hash]));
  },
  now: () => performance.now(),
  found: (hashes) => (known = new Map([...known, ...hashes])),
});

/** The hash of a user's avatar as far as it is known; null shows the initials. */
export const avatarHashOf = (id: UserId): string | null => known.get(id) ?? null;

/** Asks for a user's avatar; what is asked for at the same time is read together, and kept for a while. */
export const askForAvatar = reader.ask;
