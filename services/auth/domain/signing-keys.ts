/**
 * A process may sign with a key for a minute after a newer one is there, and the tokens live ten minutes
 * more.
 */
const KEPT_AFTER_SUCCESSOR_MS = 3_600_000;

const DAY_MS = 86_400_000;

type Aged = { createdAt: Date };

/**
 * The newest key signs until it is too old; null when a new one must be made. `newestFirst` is all there
 * are.
 */
export const keyToSignWith = <K extends Aged>(
  newestFirst: readonly K[],
  now: Date,
  maxAgeDays: number,
): K | null => {
  const [newest] = newestFirst;
  return newest && now.getTime() - newest.createdAt.getTime() < maxAgeDays * DAY_MS ? newest : null;
};

/** Keys that a live token may have been signed with: the newest, and those whose successor is young. */
export const keysToPublish = <K extends Aged>(newestFirst: readonly K[], now: Date): K[] =>
  newestFirst.filter((_key, index) => {
    const successor = newestFirst[index - 1];
    return !successor || now.getTime() - successor.createdAt.getTime() < KEPT_AFTER_SUCCESSOR_MS;
  });
