import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';

/**
 * Polls a condition.
 * @param what the condition, or a function that says after the limit what is still missing
 * @returns milliseconds until it held
 * @throws Error that names the condition when it did not hold within `limitMs`
 */
export const until = async (
  what: string | (() => string),
  limitMs: number,
  isSo: () => boolean | Promise<boolean>,
  pollMs = 20,
): Promise<number> => {
  const startedMs = performance.now();
  while (!(await isSo())) {
    if (performance.now() - startedMs > limitMs) {
      const sentence = typeof what === 'string' ? what : what();
      throw new Error(`${sentence}: not within ${limitMs} ms`);
    }
    await sleep(pollMs);
  }
  return Math.round(performance.now() - startedMs);
};

/** Runs `count` tasks, `width` of them at a time. */
export const inParallel = async (count: number, width: number, task: (index: number) => Promise<void>) => {
  await pLimit(width).map(Array(count).keys(), task);
};

/** A repeatable stream of numbers in [0, 1) (mulberry32, public domain). */
export const seeded = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
};
