/** What belongs to a key; all keys that are asked for in one turn are loaded together. */
export type Load<K, V> = (key: K) => Promise<V>;

type Waiting<K, V> = { key: K; resolve(value: V): void; reject(error: unknown): void };

/**
 * Loads each key once. `loadAll` gets at most `max` keys and returns the values by key; a key without a value
 * gets `missing`.
 */
export const batched = <K, V>(
  loadAll: (keys: readonly K[]) => Promise<ReadonlyMap<K, V>>,
  { max, missing }: { max: number; missing: V },
): Load<K, V> => {
  const known = new Map<K, Promise<V>>();
  let waiting: Waiting<K, V>[] = [];

  const loadPart = async (part: readonly Waiting<K, V>[]): Promise<void> => {
    try {
      const values = await loadAll(part.map(({ key }) => key));
      for (const { key, resolve } of part) resolve(values.get(key) ?? missing);
    } catch (error) {
      for (const { reject } of part) reject(error);
    }
  };
  const loadWaiting = (): void => {
    const all = waiting;
    waiting = [];
    for (let at = 0; at < all.length; at += max) void loadPart(all.slice(at, at + max));
  };

  return (key) => {
    const found = known.get(key);
    if (found) return found;
    const made = new Promise<V>((resolve, reject) => {
      if (waiting.push({ key, resolve, reject }) === 1) process.nextTick(loadWaiting);
    });
    known.set(key, made);
    return made;
  };
};
