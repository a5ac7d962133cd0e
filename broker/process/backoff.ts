/** The limits of a growing delay, in milliseconds. */
export type Backoff = { firstMs: number; maxMs: number };

/**
 * The delay before a retry, in milliseconds: doubled with each try from `firstMs` up to `maxMs`, half of it
 * random, so that processes that failed together do not retry together.
 * @param tries failed tries so far, from 0
 */
export const backoffMs = ({ firstMs, maxMs }: Backoff, tries: number): number => {
  const fullMs = Math.min(maxMs, firstMs * 2 ** Math.min(tries, 30));
  return (fullMs / 2) * (1 + Math.random());
};
