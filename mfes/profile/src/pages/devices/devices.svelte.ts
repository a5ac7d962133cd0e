import type { Client } from '../../../../../shared/client/client.ts';
import { hasCode } from '../../../../../shared/client/problem.ts';
import { auth, type Session } from '../../../../../shared/contracts/auth/auth.ts';
import { apart, changeSentence, countSentence } from './device-texts.ts';

const PAGE = 25;
/** The most that one request may ask for; a longer list falls back to so many when it is read again. */
const READ_MAX = 100;

type Shown = {
  /** Most recently used first, as far as they were read; null until the first answer. */
  items: Session[] | null;
  nextCursor: string | null;
  loading: boolean;
  /** Why the list could not be read the last time. */
  error: unknown;
  loadingMore: boolean;
  /** Why it could not be read on. */
  moreError: unknown;
  /** Changes from elsewhere, for screen readers. */
  spoken: string;
};

const NOTHING: Shown = {
  items: null,
  nextCursor: null,
  loading: false,
  error: null,
  loadingMore: false,
  moreError: null,
  spoken: '',
};

type Asked = { limit: number; cursor?: string };

/** The user's sessions. */
export const createDevices = (client: Client) => {
  let shown = $state.raw<Shown>(NOTHING);
  const show = (change: Partial<Shown>): void => {
    shown = { ...shown, ...change };
  };
  let asked: AbortController | null = null;
  /** The number of sessions asked for, so that a reload does not undo a request for more. */
  let wanted = PAGE;
  let lastLoad: Promise<void> = Promise.resolve();

  /** Asks for a part of the list; null when it failed, or a newer question made the answer worthless. */
  const ask = async (params: Asked, failed: (error: unknown) => Partial<Shown>) => {
    asked?.abort();
    const { signal } = (asked = new AbortController());
    try {
      const page = await client.call(auth.actions.sessions, params, { signal });
      return signal.aborted ? null : page;
    } catch (error) {
      if (!signal.aborted) show({ loading: false, loadingMore: false, ...failed(error) });
      return null;
    }
  };

  const read = async (): Promise<void> => {
    const before = shown.items;
    // Without a list there is nothing to show beside the last failure: it gives way to the waiting.
    show({ loading: true, loadingMore: false, moreError: null, ...(before === null && { error: null }) });
    const limit = Math.min(READ_MAX, Math.max(wanted, before?.length ?? 0));
    const page = await ask({ limit }, (error) => ({ error }));
    if (page === null) return;
    const [{ items, nextCursor }, goesOn] = [page, page.nextCursor !== null];
    const spoken =
      shown.items === null
        ? countSentence(apart(items).others.length, goesOn)
        : changeSentence(shown.items, items, goesOn) || shown.spoken;
    show({ items, nextCursor, spoken, loading: false, error: null });
  };

  /** Reads the shown part of the list again; it stays visible until the answer arrives. */
  const load = (): Promise<void> => (lastLoad = read());

  const more = async (): Promise<void> => {
    const { items, nextCursor: cursor, loading, loadingMore } = shown;
    if (items === null || cursor === null || loadingMore) return;
    wanted = items.length + PAGE;
    if (loading) return load();
    show({ loadingMore: true, moreError: null });
    const page = await ask({ limit: PAGE, cursor }, (moreError) => ({ moreError }));
    // The place in the list is lost: it is read from its start.
    if (hasCode(shown.moreError, 'invalid_cursor')) return load();
    // A reload took its place, and reads these too.
    if (page === null) return lastLoad;
    const fresh = page.items.filter(({ id }) => items.every((known) => known.id !== id));
    show({ items: [...items, ...fresh], nextCursor: page.nextCursor, loadingMore: false });
  };

  return {
    get shown() {
      return shown;
    },
    load,
    more,
    /** Takes out who was signed out, and reads the list again. */
    remove(gone: (session: Session) => boolean): void {
      show({ items: shown.items?.filter((one) => !gone(one)) ?? null });
      void load();
    },
    stop: (): void => asked?.abort(),
  };
};
export type Devices = ReturnType<typeof createDevices>;
