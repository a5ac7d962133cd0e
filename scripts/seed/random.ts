/** Numbers from 0 up to 1, the same for the same seed (mulberry32). Not for secrets. */
export type Random = () => number;

export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
};

/** @throws RangeError when there is nothing to choose from */
export const choose = <T>(random: Random, all: readonly T[]): T => {
  const chosen = all[Math.floor(random() * all.length)];
  if (chosen === undefined) throw new RangeError('nothing to choose from');
  return chosen;
};

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/** An id like those of broker/process/ids.ts: UUIDv7 behind its prefix, which sorts by its time. */
export const seededId = (random: Random, prefix: string, timeMs: number): string => {
  const word = () => hex(Math.floor(random() * 0x1_0000_0000), 8);
  const variant = hex(0x8000 + Math.floor(random() * 0x4000), 4);
  return `${prefix}_${hex(timeMs, 12)}7${word().slice(0, 3)}${variant}${word()}${word().slice(0, 4)}`;
};
