import type { Client } from '../../../../../shared/client/client.ts';
import {
  createGrowingList,
  EMPTY_LIST,
  type GrowingList,
} from '../../../../../shared/client/growing-list.ts';
import { auth, type Session } from '../../../../../shared/contracts/auth/auth.ts';
import { apart, changeSentence, countSentence } from './device-texts.ts';

const PAGE_SIZE = 25;
const PAGE_SIZE_MAX = 100;

/** The user's sessions, most recently used first. */
export const createDevices = (client: Client) => {
  let shown = $state.raw<GrowingList<Session>>(EMPTY_LIST);
  /** Changes from elsewhere, for screen readers. */
  let spoken = $state.raw('');
  const read = (params: { limit: number; cursor?: string }, signal: AbortSignal) =>
    client.call(auth.actions.sessions, params, { signal });
  type Read = Awaited<ReturnType<typeof read>>;
  const list = createGrowingList<Session, Read>({
    pageSize: PAGE_SIZE,
    maxSize: PAGE_SIZE_MAX,
    read,
    set: (next) => (shown = next),
    onLoad: ({ items, nextCursor }) => {
      const hasMore = nextCursor !== null;
      spoken =
        shown.items === null
          ? countSentence(apart(items).others.length, hasMore)
          : changeSentence(shown.items, items, hasMore) || spoken;
    },
  });

  return {
    get shown() {
      return shown;
    },
    get spoken() {
      return spoken;
    },
    load: list.load,
    more: list.more,
    /** Shows the new name of a device, and reads the list again. */
    name(id: Session['id'], name: string | null): void {
      list.edit((items) => items.map((one) => (one.id === id ? { ...one, name } : one)));
      void list.load();
    },
    /** Takes out who was signed out, and reads the list again. */
    remove(gone: (session: Session) => boolean): void {
      list.edit((items) => items.filter((one) => !gone(one)));
      void list.load();
    },
    stop: list.stop,
  };
};
export type Devices = ReturnType<typeof createDevices>;
