import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 20;
const DEFAULT_LIMIT_MS = 5_000;

type Returned<F extends () => unknown> = Awaited<ReturnType<F>>;

/** A check that returns nothing is an assertion; one that may return undefined would pass by mistake. */
type Unambiguous<F extends () => unknown> = 0 extends 1 & Returned<F>
  ? 'give the check a type: any may be undefined'
  : undefined extends Returned<F>
    ? [Returned<F>] extends [void]
      ? unknown
      : 'return null or false instead of undefined while the condition does not hold'
    : unknown;

/**
 * Polls until `check` passes: an assertion passes when it does not throw, a condition when it returns neither
 * false nor null.
 * @returns what the check returned
 * @throws the check's last error once `limitMs` have passed, or an Error if the condition stayed false
 */
export const eventually = async <F extends () => unknown>(
  check: F & Unambiguous<F>,
  limitMs = DEFAULT_LIMIT_MS,
): Promise<Exclude<Returned<F>, false | null>> => {
  const endMs = performance.now() + limitMs;
  for (;;) {
    let failure: unknown;
    try {
      const value = await check();
      if (value !== false && value !== null) return value as Exclude<Returned<F>, false | null>;
      failure = new Error(`condition stayed false for ${limitMs} ms`);
    } catch (error) {
      failure = error;
    }
    if (performance.now() > endMs) throw failure;
    await sleep(POLL_MS);
  }
};
