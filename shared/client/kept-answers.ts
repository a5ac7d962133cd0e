import { isSameSession } from './cookie-changes.ts';

/** An answer with its entity tag, and the age of the cookies that it was asked with. */
type Kept = { etag: string; text: string; age: string };

/** Enough for going back and forth between a list and what it leads to. */
const KEPT_MAX = 30;
const LENGTH_MAX = 200_000;

/**
 * The last answers of revalidated reads, by path: in memory only, and only for the session that asked. The
 * browser's own cache would write them to the disk, where they would outlive a session.
 */
export const createKeptAnswers = () => {
  const kept = new Map<string, Kept>();
  return {
    /** What is kept of a path for the session of this age. */
    of: (path: string, age: string): Kept | undefined => {
      const found = kept.get(path);
      if (found && isSameSession(found.age, age)) return found;
      // All are of one session.
      if (found) kept.clear();
      return undefined;
    },
    keep: (path: string, answer: Kept): void => {
      kept.delete(path);
      if (answer.text.length > LENGTH_MAX) return;
      kept.set(path, answer);
      const [oldest] = kept.keys();
      if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest);
    },
    drop: (): void => kept.clear(),
  };
};
export type KeptAnswers = ReturnType<typeof createKeptAnswers>;
