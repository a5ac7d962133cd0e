import type { Host } from '../../../../../shared/client/host.ts';
import { auth } from '../../../../../shared/contracts/auth/auth.ts';
import type { ManagedUser } from '../../../../../shared/contracts/auth/users.ts';
import type { UserId } from '../../../../../shared/contracts/ids.ts';
import { createKeysetList } from '../../parts/keyset-list.svelte.ts';
import { watchUsers } from '../../parts/watch-users.ts';
import type { UserListParams } from './filters.ts';

/** The rows that are shown, as they were read: none comes and none leaves under the reader's eyes. */
const replacedBy = (shown: ManagedUser[], read: readonly ManagedUser[]): ManagedUser[] => {
  const newer = new Map(read.map((user) => [user.id, user]));
  return shown.map((user) => newer.get(user.id) ?? user);
};

/**
 * One page of users. The rows of users that changed are read again and stay where they are; new users appear
 * where they belong on top (`showsNewest`), and elsewhere with the next read.
 */
export const createUserList = (host: Host, showsNewest: () => boolean) => {
  const list = createKeysetList<ManagedUser, UserListParams>((params, signal) =>
    host.client.call(auth.actions.users, params, { signal }),
  );

  /** The rows of these users, also where the filters would no longer show them. */
  const readOnly = async (ids: UserId[]): Promise<void> => {
    const reads = ids.map((q) => host.client.call(auth.actions.users, { q, limit: 1 }));
    const answers = await Promise.allSettled(reads);
    const read = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value.items : []));
    list.change(replacedBy(list.shown.items ?? [], read));
  };
  const stop = watchUsers(host.live, (changed) => {
    if (showsNewest()) return void list.refresh();
    if (changed === 'all') return void list.refresh(replacedBy);
    const ids = (list.shown.items ?? []).map(({ id }) => id).filter((id) => changed.has(id));
    if (ids.length > 0) void readOnly(ids);
  });
  return {
    ...list,
    get shown() {
      return list.shown;
    },
    stop: (): void => {
      stop();
      list.stop();
    },
  };
};
