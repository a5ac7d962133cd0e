import type { UserId } from '../contracts/ids.ts';

type Hashes = ReadonlyMap<UserId, string | null>;

export type HashReaderOptions<C> = {
  /** Reads the hashes of users; those without an avatar are left out. */
  read(client: C, ids: readonly UserId[]): Promise<ReadonlyMap<UserId, string>>;
  now(): number;
  found(hashes: Hashes): void;
};

/** So long what is known of a user is not asked for again. */
const FRESH_MS = 5 * 60_000;
/** After a failure, for the next page that asks: the initials are no reason to press the server. */
const AFTER_FAILURE_MS = 30_000;
/** The contract's limit; importing it would bring the schemas. */
const PER_REQUEST = 50;

/** Collects the users whose avatars a page asks for, and reads them in as few requests as possible. */
export const createHashReader = <C>({ read, now, found }: HashReaderOptions<C>) => {
  const freshUntilMs = new Map<UserId, number>();
  let wanted = new Set<UserId>();

  const readPart = async (client: C, ids: readonly UserId[]): Promise<void> => {
    try {
      const hashes = await read(client, ids);
      found(new Map(ids.map((id) => [id, hashes.get(id) ?? null])));
    } catch {
      for (const id of ids) freshUntilMs.set(id, now() + AFTER_FAILURE_MS);
    }
  };
  const readWanted = (client: C): void => {
    const ids = [...wanted];
    wanted = new Set();
    for (let start = 0; start < ids.length; start += PER_REQUEST)
      void readPart(client, ids.slice(start, start + PER_REQUEST));
  };
  return {
    ask: (client: C, id: UserId): void => {
      if ((freshUntilMs.get(id) ?? 0) > now()) return;
      freshUntilMs.set(id, now() + FRESH_MS);
      if (wanted.size === 0) queueMicrotask(() => readWanted(client));
      wanted.add(id);
    },
  };
};
