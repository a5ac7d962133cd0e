import { onMessageOf } from '../../../../shared/client/on-message.ts';
import { profile } from '../../../../shared/contracts/profile.ts';
import { realtime } from '../../../../shared/contracts/realtime.ts';
import { onMessage, onStale } from '../live/live.svelte.ts';
import { client, session, sessionChanged } from '../session/session.svelte.ts';
import { recall, remember } from '../session/storage.ts';

/** The user and the hash of this user's avatar, so that the next page shows it at once. */
const AVATAR_KEY = 'payloom-avatar';

const remembered = (): string | null => {
  const [userId, hash] = (recall(AVATAR_KEY) ?? '').split(' ');
  return userId === session.user?.id ? (hash ?? null) : null;
};

let hash = $state.raw<string | null>(null);

/** The avatar of the signed-in user. */
export const avatar = {
  /** Null where there is none. */
  get hash() {
    return hash;
  },
};

const read = async (): Promise<void> => {
  const userId = session.user?.id;
  if (userId === undefined) return;
  try {
    const { avatar: current } = await client.call(profile.actions.details, {});
    if (session.user?.id !== userId) return;
    hash = current;
    remember(AVATAR_KEY, current === null ? null : `${userId} ${current}`);
  } catch {
    // The remembered one stays; it is read again when messages arrive.
  }
};

/** Keeps the avatar current, also when another tab or device changes it. */
export const subscribeAvatar = (): (() => void) => {
  const show = (): void => {
    hash = remembered();
  };
  show();
  const stops = [
    sessionChanged.on(show),
    onStale(() => void read()),
    onMessageOf({ on: onMessage }, realtime.messages.profileChanged, () => void read()),
  ];
  return () => stops.forEach((stop) => stop());
};
