/**
 * A new key is published at once and signs from this age on. Verifying processes fetch unknown keys at most
 * once in ten seconds, so that all of them have the key by then.
 */
export const SIGNS_FROM_MS = 15_000;

/** A successor is created this long before the current key reaches its maximum age. */
export const MADE_AHEAD_MS = 300_000;

/** Tokens live ten minutes after a key has signed them; clocks of processes may differ. */
export const KEPT_AFTER_SUCCESSOR_MS = 3_600_000;

const DAY_MS = 86_400_000;

type Aged = { createdAt: Date };
type KeyState = 'next' | 'signing' | 'retiring';

const ageMs = (key: Aged, now: Date): number => now.getTime() - key.createdAt.getTime();

/**
 * The newest key that every process has fetched; the only key of all signs at once.
 * @param newestFirst all keys
 * @returns null when there is no key
 */
export const keyToSignWith = <K extends Aged>(newestFirst: readonly K[], now: Date): K | null =>
  newestFirst.find((key) => ageMs(key, now) >= SIGNS_FROM_MS) ?? newestFirst.at(-1) ?? null;

/** Whether a key has to be created: there is none, or the newest will soon reach its maximum age. */
export const isKeyDue = (newestFirst: readonly Aged[], now: Date, maxAgeDays: number): boolean => {
  const [newest] = newestFirst;
  return !newest || ageMs(newest, now) >= maxAgeDays * DAY_MS - MADE_AHEAD_MS;
};

/** Keys that live tokens are signed with, now or soon: the newest, and those whose successor is young. */
export const keysToPublish = <K extends Aged>(newestFirst: readonly K[], now: Date): K[] =>
  newestFirst.filter((_key, index) => {
    const successor = newestFirst[index - 1];
    return !successor || ageMs(successor, now) < KEPT_AFTER_SUCCESSOR_MS;
  });

/** The published keys with their states. */
export const keyStates = <K extends Aged>(
  newestFirst: readonly K[],
  now: Date,
): (K & { state: KeyState })[] => {
  const signing = newestFirst.indexOf(keyToSignWith(newestFirst, now) as K);
  return keysToPublish(newestFirst, now).map((key, index) => ({
    ...key,
    state: index < signing ? 'next' : index === signing ? 'signing' : 'retiring',
  }));
};
