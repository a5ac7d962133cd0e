import type { Host } from '../../../../../shared/client/host.ts';
import { onMessageOf } from '../../../../../shared/client/on-message.ts';
import { auth } from '../../../../../shared/contracts/auth/auth.ts';
import type { ManagedUser } from '../../../../../shared/contracts/auth/users.ts';
import type { ResultOf } from '../../../../../shared/contracts/contract.ts';
import type { UserId } from '../../../../../shared/contracts/ids.ts';
import { realtime } from '../../../../../shared/contracts/realtime.ts';
import { watchUsers } from '../../parts/watch-users.ts';

export type UserDetails = ResultOf<typeof auth.actions.userDetails>;

const SESSIONS_MAX = 100;

/** Reads a user with as many sessions as are shown, so that those beyond the first page stay. */
const readUser = async (
  { client }: Pick<Host, 'client'>,
  id: UserId,
  shown: number,
  signal: AbortSignal,
): Promise<UserDetails> => {
  const found = await client.call(auth.actions.userDetails, { id }, { signal });
  const { items, nextCursor } = found.sessions;
  if (nextCursor === null || shown <= items.length) return found;
  const limit = Math.min(shown, SESSIONS_MAX);
  return { ...found, sessions: await client.call(auth.actions.userSessions, { id, limit }, { signal }) };
};

/** Calls the listener whenever the user may have changed; returns the function that stops it. */
const watchUser = (
  live: Host['live'],
  id: UserId,
  email: () => string | undefined,
  listener: () => void,
): (() => void) => {
  const stops = [
    watchUsers(
      live,
      (changed) => {
        if (changed === 'all' || changed.has(id)) listener();
      },
      [realtime.messages.userChanged, realtime.messages.userSessionsChanged],
    ),
    onMessageOf(live, realtime.messages.userAdministered, (message) => {
      if (message.id === id) listener();
    }),
    onMessageOf(live, realtime.messages.lockoutsChanged, ({ subject }) => {
      if (subject.toLowerCase() === email()?.toLowerCase()) listener();
    }),
  ];
  return () => stops.forEach((stop) => stop());
};

/** One user, read again when a message says that something has changed. */
export const createUserView = (host: Pick<Host, 'client' | 'live'>, id: UserId) => {
  let user = $state.raw<UserDetails | null>(null);
  let error = $state.raw<unknown>(null);
  let loadingMore = $state(false);
  const opened = new AbortController();
  /** Answers may arrive out of order: only the newest read is shown. */
  let reads = 0;

  const read = async (): Promise<void> => {
    const number = ++reads;
    const found = await readUser(host, id, user?.sessions.items.length ?? 0, opened.signal);
    if (opened.signal.aborted || number !== reads) return;
    user = found;
    error = null;
  };
  const load = async (): Promise<void> => {
    error = null;
    await read().catch((problem: unknown) => {
      if (!opened.signal.aborted) error = problem;
    });
  };
  /** What is shown stays when this fails: the next message reads again. */
  const refresh = (): void => void read().catch(() => {});
  const more = async (): Promise<void> => {
    const cursor = user?.sessions.nextCursor;
    if (!cursor || loadingMore) return;
    loadingMore = true;
    try {
      const next = await host.client.call(
        auth.actions.userSessions,
        { id, cursor },
        { signal: opened.signal },
      );
      if (user) user = { ...user, sessions: { ...next, items: [...user.sessions.items, ...next.items] } };
    } finally {
      loadingMore = false;
    }
  };

  const stop = watchUser(host.live, id, () => user?.email, refresh);
  return {
    get user() {
      return user;
    },
    get error() {
      return error;
    },
    get loadingMore() {
      return loadingMore;
    },
    load,
    more,
    /** Shows the answer to an act at once, then what follows from it. */
    take: (changed: ManagedUser): void => {
      if (user) user = { ...user, ...changed };
      refresh();
    },
    stop: (): void => {
      opened.abort();
      stop();
    },
  };
};
